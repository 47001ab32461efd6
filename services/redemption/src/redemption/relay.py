"""Composition root of the role that publishes; it needs neither FastAPI nor FastStream."""

from starlette.types import ASGIApp

from redemption.settings import SERVICE, StreamSettings
from servicekit.metrics import Metrics
from servicekit.postgres.relay_role import relay_application


def relay(settings: StreamSettings) -> ASGIApp:
    """Kafka out: the outbox."""
    return relay_application(
        settings.postgres_dsn.get_secret_value(),
        settings.kafka,
        Metrics(SERVICE, "relay"),
    )
