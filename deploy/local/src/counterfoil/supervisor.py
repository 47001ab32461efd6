"""Keeps the parts of a platform running: reports every death, restarts a few times, then gives up.

A service that says itself that it is stuck is ended, which is a death like any other.

A part that dies more than five times within a minute stays dead and is called failed: starting it
for ever would hide what is wrong. Nothing here decides what a platform consists of.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from counterfoil.liveness import ASK_EVERY_SECONDS, until_stuck
from counterfoil.processes import Child, Program, describe, start
from counterfoil.progress import Progress, Step

RESTARTS = 5
WITHIN_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.2

Kind = Literal["engine", "service", "gateway"]
State = Literal["starting", "running", "restarting", "failed", "stopped", "external"]
STOP_ORDER: tuple[Kind, ...] = ("gateway", "service", "engine")


@dataclass(slots=True)
class Part:
    """One part of the platform, as `status` shows it."""

    name: str
    kind: Kind
    url: str
    state: State = "starting"
    pid: int | None = None
    restarts: int = 0
    last_exit: str | None = None


class Supervisor:
    """Owns the running parts; `changed` is called whenever what `status` shows has changed."""

    def __init__(
        self,
        progress: Progress,
        changed: Callable[[], None],
        first_pause: float = FIRST_PAUSE_SECONDS,
        ask_every: float = ASK_EVERY_SECONDS,
    ) -> None:
        self._ask_every = ask_every
        self._first_pause = first_pause
        self._progress = progress
        self._changed = changed
        self._parts: dict[str, Part] = {}
        self._children: dict[str, Child] = {}
        self._watchers: list[asyncio.Task[None]] = []
        self._stuck: dict[str, str] = {}

    def parts(self) -> dict[str, dict[str, Any]]:
        return {name: asdict(part) for name, part in self._parts.items()}

    def external(self, name: str, url: str) -> None:
        """Note an engine that somebody else runs."""
        self._parts[name] = Part(name, "engine", url, "external")
        self._changed()

    async def up(
        self, kind: Kind, program: Program, url: str, ready: Callable[[Child], Awaitable[None]]
    ) -> None:
        """Start a part and wait until it is ready; from then on restart it when it dies."""
        part = Part(program.name, kind, url)
        self._parts[program.name] = part
        self._progress(Step(program.name, "begun"))
        self._begin(part, program)
        await ready(self._children[program.name])
        part.state = "running"
        self._watchers.append(asyncio.create_task(self._watch(part, program)))
        if kind == "service":
            self._watchers.append(asyncio.create_task(self._end_when_stuck(part)))
        self._progress(Step(program.name, "done", url))
        self._changed()

    async def stop(self) -> None:
        """Stop everything in the order in which parts lean on each other; leave no process."""
        for watcher in self._watchers:
            watcher.cancel()
        try:
            for kind in STOP_ORDER:
                names = [n for n, part in self._parts.items() if part.kind == kind]
                children = [self._children[name] for name in names if name in self._children]
                await asyncio.gather(*(child.stop() for child in children), return_exceptions=True)
        finally:
            for child in self._children.values():
                child.kill()
        for part in self._parts.values():
            part.state, part.pid = "stopped", None

    def _begin(self, part: Part, program: Program) -> None:
        child = start(program)
        self._children[program.name] = child
        part.pid = child.pid
        self._changed()

    async def _watch(self, part: Part, program: Program) -> None:
        deaths: list[float] = []
        while True:
            code = await self._children[part.name].wait()
            now = time.monotonic()
            deaths = [at for at in deaths if now - at < WITHIN_SECONDS] + [now]
            part.pid, part.last_exit = None, describe(code) + self._stuck.pop(part.name, "")
            if len(deaths) > RESTARTS:
                part.state = "failed"
                self._report(part, program, "failed", "stays down after six deaths in a minute")
                return
            part.state = "restarting"
            self._report(part, program, "died", "starts again")
            await asyncio.sleep(self._first_pause * 2 ** (len(deaths) - 1))
            self._begin(part, program)
            part.restarts += 1
            part.state = "running"
            self._changed()

    async def _end_when_stuck(self, part: Part) -> None:
        while True:
            said = await until_stuck(part.url, self._ask_every)
            self._stuck[part.name] = f" (was stuck: {said})"
            with contextlib.suppress(TimeoutError):  # then it was killed
                await self._children[part.name].stop()

    def _report(
        self, part: Part, program: Program, state: Literal["died", "failed"], then: str
    ) -> None:
        self._changed()
        said = "\n".join(f"     | {line}" for line in program.tail().splitlines())
        detail = f"ended with {part.last_exit}, {then}; its last lines ({program.log}):\n{said}"
        self._progress(Step(part.name, state, detail))
