"""How a process starts and how it ends, the same for every role of every service.

Exit status 0: it was told to stop and did so in order. 1: it gave up, because of a bug or because
it could make no progress; whoever starts next continues at the last commit. 2: it was started
wrongly, and one line on stderr says what is missing.
"""

import asyncio
import gc
import resource
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, Generic, TypeVar

import uvicorn
import uvloop
from pydantic import ValidationError
from starlette.types import ASGIApp

from servicekit.http.protocol import Protocol
from servicekit.lifecycle import STOP_SECONDS
from servicekit.logs import write_json_lines
from servicekit.settings import FromEnvironment, Listening

KEEP_ALIVE_SECONDS = 75  # longer than any load balancer's, so that it is not we who hang up
MISUSED = 2
FILES = 65_536  # as far as the system lets us; usual are 1,024

S = TypeVar("S", bound=FromEnvironment)
L = TypeVar("L", bound=Listening)


@dataclass(frozen=True, slots=True)
class Role(Generic[L]):
    """A process that serves until it is told to stop.

    `made_by` names a function, "package.module:function", which is given the settings, inside the
    event loop. What it imports, others do without: a migration needs no web framework.
    """

    settings: type[L]
    made_by: str


@dataclass(frozen=True, slots=True)
class Command(Generic[S]):
    """Something that is done once, such as a migration; `run` returns the exit status."""

    settings: type[S]
    run: Callable[[S], int]


def main(
    service: str, roles: Mapping[str, Role[Any] | Command[Any]], arguments: Sequence[str]
) -> int:
    """Run the role that the arguments name; return the exit status."""
    chosen = roles.get(arguments[0]) if len(arguments) == 1 else None
    if chosen is None:
        return _complain(f"usage: python -m {service} {'|'.join(roles)}")
    try:
        settings = chosen.settings()
    except ValidationError as error:
        return _complain(f"settings: {_faults(error)}; see docs/{service}.md")
    write_json_lines(service, arguments[0])
    if isinstance(chosen, Command):
        return chosen.run(settings)
    return _serve(chosen, settings)


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_input=False)
    return ", ".join(
        f"{'.'.join(map(str, fault['loc']))} ({fault['msg'].lower()})"
        if fault["loc"]
        else fault["msg"].removeprefix("Value error, ")  # of several settings: it names them
        for fault in faults
    )


def _serve(role: Role[L], settings: L) -> int:
    _open_many_files()
    # uvicorn stops orderly on both and then raises the signal again: told to stop, or given up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(1))
    gc.disable()  # while it imports and makes what lives for ever: a fifth of the start
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_stopped(role, settings))
    return 0


def _open_many_files() -> None:
    """Or a thousand connections, each a file, would be all: not even Kafka could be reached."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


async def _until_stopped(role: Role[L], settings: L) -> None:
    # Made inside the loop: clients belong to the loop that they are made in.
    make: Callable[[L], ASGIApp] = resolve_name(role.made_by)
    config = uvicorn.Config(
        make(settings),
        host=settings.host,
        port=settings.port,
        http=Protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(STOP_SECONDS),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    # Start-up objects live for ever: keep them out of every collection. Those in between come
    # seldom and stay short: one of 130,000 dead objects stopped a busy api for 0.6 s.
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    gc.enable()
    await uvicorn.Server(config).serve()


def _complain(line: str) -> int:
    sys.stderr.write(line + "\n")
    return MISUSED
