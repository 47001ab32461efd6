"""Composition root of the role that reads Kafka."""

import contextlib
from collections.abc import AsyncIterator

from faststream.kafka import KafkaBroker
from starlette.applications import Starlette
from starlette.types import ASGIApp

from analytics import handlers
from analytics.ingest import Ingestion
from analytics.metrics import Metrics
from analytics.settings import GROUP, SERVICE, WorkerSettings
from analytics.store import ClickHouse
from servicekit.http.health_application import health_application
from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.broker import consuming, subscribing
from servicekit.kafka.consumer_health import ConsumerHealth
from servicekit.kafka.dead_letters import DeadLetters


def worker(settings: WorkerSettings) -> ASGIApp:
    """Kafka to ClickHouse."""
    metrics = Metrics(SERVICE, "worker")
    kafka = settings.kafka
    clickhouse = ClickHouse(settings.clickhouse_url.get_secret_value())
    dead_letters = DeadLetters(kafka, GROUP, metrics)
    consumers = ConsumerHealth(metrics, kafka_answers(kafka))
    ingestion = Ingestion(clickhouse, dead_letters, metrics)

    def subscribed() -> KafkaBroker:
        return subscribing(kafka, handlers.router(settings.kafka_group), ingestion=ingestion)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with (
            contextlib.aclosing(clickhouse),
            consuming(subscribed, consumers, dead_letters),
        ):
            yield

    return health_application(
        lifespan,
        metrics,
        {"clickhouse": clickhouse.probe, "kafka": consumers.probe},
        [consumers.stuck_reason],
    )
