"""Composition root of the role that publishes; it needs neither FastAPI nor FastStream."""

from starlette.types import ASGIApp

from campaigns.metrics import Metrics
from campaigns.settings import StreamSettings
from servicekit.postgres.outbox import Lane
from servicekit.postgres.relay_role import relay_application

RELAY_ROWS = 200  # a chunk of codes is 100 kB: at most 20 MB in memory


def relay(settings: StreamSettings) -> ASGIApp:
    """Kafka out: the outbox."""
    return relay_application(
        settings.postgres_dsn.get_secret_value(),
        settings.kafka,
        Metrics("relay"),
        batch_rows=RELAY_ROWS,
        lanes=tuple(Lane),
        alone=True,  # Kafka compacts snapshots: the last one must be the highest
    )
