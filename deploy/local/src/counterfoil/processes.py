"""The programs that a platform is made of: each our own child, none survives us.

Start them from the main thread: the kernel ends a child when the thread that started it ends
(launch.py).
"""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from counterfoil import launch, log_files

GRACE_SECONDS = 10.0
POLL_SECONDS = 0.05
TAIL_LINES = 15


class ProgramError(Exception):
    """A program ended when it should not have; the message ends with what it said last."""

    def __init__(self, program: "Program", exit_code: int) -> None:
        self.program = program
        said = program.tail()
        ending = f", its last lines ({program.log}):\n{said}" if said else f" (log: {program.log})"
        super().__init__(f"{program.name} ended with {describe(exit_code)}{ending}")


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `environment` is all it gets beside what every program needs (PATH, HOME, …)."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL

    def tail(self, lines: int = TAIL_LINES) -> str:
        """Return the last lines that it logged."""
        return log_files.tail(self.log, lines)


@dataclass(slots=True)
class Child:
    """A program that was started."""

    program: Program
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self.process.poll()

    async def wait(self) -> int:
        # Polled: a child belongs to no event loop, and nothing needs to know sooner.
        while (code := self.exit_code) is None:  # noqa: ASYNC110
            await asyncio.sleep(POLL_SECONDS)
        return code

    async def stop(self, grace: float = GRACE_SECONDS) -> int:
        """Ask it to end; after the grace period end it and whatever it started."""
        if self.exit_code is None:
            self.process.send_signal(self.program.stop_signal)
        try:
            async with asyncio.timeout(grace):
                return await self.wait()
        finally:
            if self.exit_code is None:
                self.kill()

    def kill(self) -> None:
        """End it at once, with its process group: nothing of it is left when this returns."""
        if self.exit_code is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()


def start(program: Program) -> Child:
    """Start it in a session of its own; what it says is appended to its log."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    wrapped = (
        sys.executable,
        "-I",
        "-S",
        str(Path(launch.__file__)),
        str(int(program.death_signal)),
        program.user or "-",
        str(os.getpid()),
        *program.arguments,
    )
    program.log.touch(mode=0o600)
    with program.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # our own programs, no shell
            wrapped,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=inherited() | program.environment,
            start_new_session=True,
        )
    return Child(program, process)


async def run(program: Program) -> None:
    """Run it to its end; raise with its last words when it fails."""
    child = start(program)
    try:
        code = await child.wait()
    finally:
        child.kill()
    if code != 0:
        raise ProgramError(program, code)


def inherited() -> dict[str, str]:
    """Return what every program may know; addresses and secrets are passed to each by name."""
    kept = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONDONTWRITEBYTECODE"]
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"PYTHONUNBUFFERED": "1"}


def describe(exit_code: int) -> str:
    """Say how a process ended: by which signal, or with which status."""
    if exit_code < 0:
        return f"signal {signal.Signals(-exit_code).name}"
    return f"status {exit_code}"
