"""`python -m redemption api|worker|relay|migrate`: settings -> the role -> run."""

import gc
import logging
import signal
import sys
from collections.abc import Callable

import structlog
import uvicorn
import uvloop
from pydantic import ValidationError
from starlette.types import ASGIApp

from redemption import app
from redemption.lifecycle import STOP_SECONDS
from redemption.migrate import migrate
from redemption.settings import (
    ApiSettings,
    Listening,
    MigrationSettings,
    RelaySettings,
    WorkerSettings,
)

USAGE = "usage: python -m redemption api|worker|relay|migrate"


def main(arguments: list[str]) -> int:
    """Run one role until SIGTERM; return the exit status."""
    _log_as_json()
    try:
        match arguments:
            case ["api"]:
                api = ApiSettings()
                return _serve(lambda: app.api(api), api)
            case ["worker"]:
                worker = WorkerSettings()
                return _serve(lambda: app.worker(worker), worker)
            case ["relay"]:
                relay = RelaySettings()
                return _serve(lambda: app.relay(relay), relay)
            case ["migrate"]:
                return migrate(MigrationSettings().migrations_dsn.get_secret_value())
            case _:
                return _complain(USAGE)
    except ValidationError as error:
        fields = ", ".join(f"{e['loc'][0]} ({e['msg'].lower()})" for e in error.errors())
        return _complain(f"settings: {fields}; see docs/redemption.md")


def _serve(make: Callable[[], ASGIApp], listening: Listening) -> int:
    """Serve until a signal. The role is made inside the loop, because its clients belong to one."""

    async def serve() -> None:
        role = make()
        # Start-up objects live for ever: keep them out of every collection, and collect less often.
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        config = uvicorn.Config(
            role,
            host=listening.host,
            port=listening.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=int(STOP_SECONDS),
            timeout_keep_alive=75,
        )
        await uvicorn.Server(config).serve()

    # Once it has stopped, uvicorn raises the signal again: an orderly stop is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    uvloop.run(serve())
    return 0


def _complain(line: str) -> int:
    sys.stderr.write(line + "\n")
    return 2


def _log_as_json() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, format='{"level": "%(levelname)s", "event": %(message)r}'
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
