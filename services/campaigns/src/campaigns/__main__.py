"""`python -m campaigns api|worker|relay|migrate`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from campaigns import app
from campaigns.settings import ApiSettings, MigrationSettings, StreamSettings
from servicekit.postgres.migrate import migrate
from servicekit.process import Command, Role, main

MIGRATIONS = Path(__file__).parent / "migrations"


def _migrate(settings: MigrationSettings) -> int:
    return migrate(settings.migrations_dsn.get_secret_value(), MIGRATIONS)


ROLES: Mapping[str, Role[Any] | Command[Any]] = {
    "api": Role(ApiSettings, app.api),
    "worker": Role(StreamSettings, app.worker),
    "relay": Role(StreamSettings, app.relay),
    "migrate": Command(MigrationSettings, _migrate),
}

if __name__ == "__main__":
    sys.exit(main("campaigns", ROLES, sys.argv[1:]))
