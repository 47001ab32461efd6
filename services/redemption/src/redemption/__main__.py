"""`python -m redemption api|worker|definitions|relay|migrate`: settings -> the role -> run."""

import sys
from pathlib import Path
from typing import Any

from redemption.settings import ApiSettings, MigrationSettings, StreamSettings, WorkerSettings
from servicekit.postgres.migrate import migrate
from servicekit.process import Command, Role, main

MIGRATIONS = Path(__file__).parent / "migrations"

ROLES: dict[str, Role[Any] | Command[Any]] = {
    "api": Role(ApiSettings, "redemption.app:api"),
    "worker": Role(WorkerSettings, "redemption.streams:worker"),
    "definitions": Role(StreamSettings, "redemption.streams:definitions"),
    "relay": Role(StreamSettings, "redemption.relay:relay"),
    "migrate": Command(
        MigrationSettings,
        lambda settings: migrate(settings.migrations_dsn.get_secret_value(), MIGRATIONS),
    ),
}

if __name__ == "__main__":
    sys.exit(main("redemption", ROLES, sys.argv[1:]))
