"""`python -m campaigns api|worker|relay|migrate`: settings -> the role -> run."""

import asyncio
import signal
import sys
from collections.abc import Callable

import uvicorn
import uvloop
from pydantic import ValidationError
from starlette.types import ASGIApp

from campaigns import app
from campaigns.lifecycle import STOP_SECONDS
from campaigns.logs import write_json_lines
from campaigns.migrate import migrate
from campaigns.settings import ApiSettings, Listening, MigrationSettings, StreamSettings

USAGE = "usage: python -m campaigns api|worker|relay|migrate"


def main(arguments: list[str]) -> int:
    """Run one role until SIGTERM; return the exit status."""
    try:
        match arguments:
            case ["api"]:
                api = ApiSettings()
                return _run("api", lambda: app.api(api), api)
            case ["worker"]:
                worker = StreamSettings()
                return _run("worker", lambda: app.worker(worker), worker)
            case ["relay"]:
                relay = StreamSettings()
                return _run("relay", lambda: app.relay(relay), relay)
            case ["migrate"]:
                return migrate(MigrationSettings().migrations_dsn.get_secret_value())
            case _:
                return _complain(USAGE)
    except ValidationError as error:
        faults = error.errors(include_input=False)
        fields = ", ".join(f"{fault['loc'][0]} ({fault['msg'].lower()})" for fault in faults)
        return _complain(f"settings: {fields}; see docs/campaigns.md")


def _run(role: str, make: Callable[[], ASGIApp], listening: Listening) -> int:
    write_json_lines(role)
    # uvicorn stops orderly on both and then raises the signal again: told to stop, or given up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(1))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(make, listening))
    return 0


async def _serve(make: Callable[[], ASGIApp], listening: Listening) -> None:
    # Made inside the loop: a pool belongs to the loop that it is made in.
    config = uvicorn.Config(
        make(),
        host=listening.host,
        port=listening.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=int(STOP_SECONDS),
    )
    await uvicorn.Server(config).serve()


def _complain(line: str) -> int:
    sys.stderr.write(line + "\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
