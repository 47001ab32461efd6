"""Applies the numbered SQL files of this package, once each, in order (dbmate)."""

import subprocess
import sys
from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(dsn: str) -> int:
    """Bring the database up to date; return dbmate's exit status.

    The DSN travels by environment: arguments are visible to every user of the machine. A server
    without TLS needs `?sslmode=disable` in it.
    """
    dbmate = Path(sys.executable).with_name("dbmate")
    command: list[str | Path] = [
        dbmate,
        "--migrations-dir",
        MIGRATIONS,
        "--no-dump-schema",
        "--wait",
        "--wait-timeout",
        "30s",
        "migrate",
    ]
    return subprocess.run(command, env={"DATABASE_URL": dsn}, check=False).returncode  # noqa: S603 - our own binary
