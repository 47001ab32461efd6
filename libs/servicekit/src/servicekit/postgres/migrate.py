"""Applies a service's migrations after the kit's own; dbmate remembers which are applied.

A file's version is the digits that it begins with, as text, and the second file of a version is
silently left out. So the kit's have eight digits and a service's four: they never meet, and the
kit's come first.
"""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

# The outbox's table stands here once: two services' copies of it had begun to differ.
OWN = Path(__file__).parent / "migrations"


def migrate(dsn: str, folder: Path) -> int:
    """Run dbmate and return its exit status. The DSN goes by the environment: `ps` shows no secret.

    `migrate` and not `up`: whoever provides the database creates it.
    """
    command = [
        str(Path(sys.executable).with_name("dbmate")),
        *("--migrations-dir", str(OWN), "--migrations-dir", str(folder)),
        *("--no-dump-schema", "--wait", "migrate"),
    ]
    environment = {**os.environ, "DATABASE_URL": _as_dbmate_reads_it(dsn)}
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - ours


def _as_dbmate_reads_it(dsn: str) -> str:
    # dbmate insists on TLS unless told otherwise; asyncpg, which serves later, does not.
    query = urlsplit(dsn).query
    if "sslmode" in parse_qs(query):
        return dsn
    return f"{dsn}{'&' if query else '?'}sslmode=disable"
