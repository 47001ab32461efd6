"""Composition roots of the roles that read Kafka: what each process is made of."""

import contextlib
from collections.abc import AsyncIterator, Callable

from faststream.kafka import KafkaBroker, KafkaRouter
from starlette.applications import Starlette
from starlette.types import ASGIApp

from campaigns import handlers
from campaigns.connections import store_pool
from campaigns.listing import following
from campaigns.metrics import Metrics
from campaigns.settings import GROUP, StreamSettings
from servicekit.health import Heartbeat
from servicekit.http.health_application import health_application
from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.broker import consuming, subscribing
from servicekit.kafka.consumer_health import ConsumerHealth
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.lifecycle import background_task
from servicekit.postgres.pool import pool_lifespan, postgres_answers

WORKER_CONNECTIONS = 3


def worker(settings: StreamSettings) -> ASGIApp:
    """Kafka in: how often codes are used; and what lists are sorted by follows."""
    return _reading("worker", handlers.outcomes_followed, settings, listing=True)


def applied(settings: StreamSettings) -> ASGIApp:
    """Kafka in: what redemption applies, in a process that no outcome keeps busy."""
    return _reading("applied", handlers.applied, settings)


def _reading(
    role: str,
    router: Callable[[], KafkaRouter],
    settings: StreamSettings,
    *,
    listing: bool = False,
) -> ASGIApp:
    metrics, kafka, listed = Metrics(role), settings.kafka, Heartbeat("lists")
    database = store_pool(settings, WORKER_CONNECTIONS)
    dead_letters = DeadLetters(kafka, GROUP, metrics)
    consumers = ConsumerHealth(metrics, kafka_answers(kafka))
    deps = handlers.Dependencies(database, dead_letters, metrics)

    def subscribed() -> KafkaBroker:
        return subscribing(kafka, router(), dependencies=deps)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(pool_lifespan(database))
            if listing:
                await stack.enter_async_context(background_task(following.run(database, listed)))
            await stack.enter_async_context(consuming(subscribed, consumers, dead_letters))
            yield

    probes = {"postgres": postgres_answers(database), "kafka": consumers.probe}
    stuck = [consumers.stuck_reason, *([listed.stuck_reason] if listing else [])]
    return health_application(lifespan, metrics, probes, stuck)
