"""`python -m analytics api|worker|migrate`: settings -> the role -> run."""

import asyncio
import sys
from typing import Any

from analytics.migrate import migrate
from analytics.settings import ApiSettings, MigrationSettings, WorkerSettings
from servicekit.process import Command, Role, main


def run_migrations(settings: MigrationSettings) -> int:
    """Bring the database up to date, and end."""
    asyncio.run(migrate(settings.clickhouse_url.get_secret_value()))
    return 0


ROLES: dict[str, Role[Any] | Command[Any]] = {
    "api": Role(ApiSettings, "analytics.app:api"),
    "worker": Role(WorkerSettings, "analytics.streams:worker"),
    "migrate": Command(MigrationSettings, run_migrations),
}

if __name__ == "__main__":
    sys.exit(main("analytics", ROLES, sys.argv[1:]))
