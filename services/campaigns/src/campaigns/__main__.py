"""`python -m campaigns api|worker|applied|relay|probe|migrate|topics`."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from campaigns.settings import (
    ApiSettings,
    MigrationSettings,
    ProbeSettings,
    StreamSettings,
    TopicSettings,
)
from contracts.topics import with_dead_letters
from servicekit.kafka import topics
from servicekit.postgres.migrate import migrate
from servicekit.process import Command, Role, main

MIGRATIONS = Path(__file__).parent / "migrations"


def _migrate(settings: MigrationSettings) -> int:
    return migrate(settings.migrations_dsn.get_secret_value(), MIGRATIONS)


def _topics(settings: TopicSettings) -> int:
    """Create every topic of the platform, and correct those that have drifted."""
    replicas = settings.kafka_topic_replicas
    asyncio.run(topics.ensure(settings.kafka, with_dead_letters(), replicas=replicas))
    return 0


ROLES: Mapping[str, Role[Any] | Command[Any]] = {
    "api": Role(ApiSettings, "campaigns.app:api"),
    "worker": Role(StreamSettings, "campaigns.streams:worker"),
    "applied": Role(StreamSettings, "campaigns.streams:applied"),
    "relay": Role(StreamSettings, "campaigns.relay:relay"),
    "probe": Role(ProbeSettings, "campaigns.probe:probe"),
    "migrate": Command(MigrationSettings, _migrate),
    "topics": Command(TopicSettings, _topics),
}

if __name__ == "__main__":
    sys.exit(main("campaigns", ROLES, sys.argv[1:]))
