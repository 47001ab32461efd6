"""`python -m analytics api|worker|migrate`: read the environment, make the role, run it."""

import asyncio
import gc
import signal
import sys

import structlog
import uvicorn
from pydantic import ValidationError
from starlette.types import ASGIApp

from analytics import app, logs, settings
from analytics.migrate import migrate
from analytics.worker import Fate

log = structlog.get_logger()

USAGE = "usage: python -m analytics api|worker|migrate"
DRAIN_SECONDS = 2  # for HTTP requests at hand when the process is told to stop


def main(arguments: list[str]) -> int:
    """Run one role until it is told to stop; return the exit code."""
    role = arguments[0] if len(arguments) == 1 else ""
    logs.configure(f"analytics-{role}")
    try:
        match role:
            case "api":
                given = settings.Api()
                return serve(app.api(given), given, Fate())
            case "worker":
                fate, needed = Fate(), settings.Worker()
                return serve(app.worker(needed, fate), needed, fate)
            case "migrate":
                asyncio.run(migrate(settings.Warehouse().clickhouse_url))
                return 0
            case _:
                sys.stderr.write(f"{USAGE}\n")
                return 2
    except ValidationError as error:
        missing = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        log.critical("the environment is incomplete", settings=missing)
        return 2


def serve(application: ASGIApp, given: settings.Api, fate: Fate) -> int:
    """Serve until SIGTERM or SIGINT, then stop in an orderly way."""
    # uvicorn hands the signal on when it is done; the stop was asked for, so it is no failure.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)
    signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    gc.freeze()  # what lives now lives for ever
    gc.set_threshold(50_000, 20, 20)
    uvicorn.run(
        application,
        host=given.host,
        port=given.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return 1 if fate.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
