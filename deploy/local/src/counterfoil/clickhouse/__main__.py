"""Serves until told: `python -m counterfoil.clickhouse <data> <users file> <host> <port>`."""

import logging
import signal
import sys
from pathlib import Path

import uvicorn

from counterfoil.clickhouse.app import build
from counterfoil.clickhouse.engine import Engine, Statement
from counterfoil.clickhouse.errors import ClickHouseError
from counterfoil.clickhouse.users import Users

SECONDS_FOR_QUERIES_TO_END = 8


def main(data: str, users: str, host: str, port: str) -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level="INFO")
    Path(data).mkdir(parents=True, exist_ok=True)
    try:
        engine = Engine(Path(data))
        timezone = engine.run(Statement("SELECT timezone()")).body.decode().strip()
    except (ClickHouseError, RuntimeError) as error:
        sys.exit(f"cannot open {data}, another process may have it: {error}")
    # uvicorn raises the signal again once it has stopped: then the engine must still be closed.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.run(
        build(engine, Users(Path(users)), timezone),
        host=host,
        port=int(port),
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=SECONDS_FOR_QUERIES_TO_END,
    )
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
