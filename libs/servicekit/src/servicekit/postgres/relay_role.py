"""The role that publishes: a relay, and what it says about itself. The same in every service."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from starlette.applications import Starlette
from starlette.types import ASGIApp

from servicekit.health import Probe
from servicekit.http.health_application import health_application
from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.connection import Kafka
from servicekit.metrics import Metrics
from servicekit.postgres.outbox import Lane
from servicekit.postgres.pool import pool, pool_lifespan, postgres_answers
from servicekit.postgres.relay import BATCH_ROWS, Relay


def relay_application(
    dsn: str,
    kafka: Kafka,
    metrics: Metrics,
    *,
    batch_rows: int = BATCH_ROWS,
    lanes: Sequence[Lane] = (Lane.PROMPT,),
    alone: bool = False,
) -> ASGIApp:
    """Make the application of the role; it moves these lanes as long as it is served."""
    relays = [
        Relay(dsn, kafka, metrics, batch_rows=batch_rows, lane=lane, alone=alone) for lane in lanes
    ]
    store = pool(dsn, "relay's probe", 1, {})  # relays have connections of their own

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with pool_lifespan(store), contextlib.AsyncExitStack() as running:
            for relay in relays:
                await running.enter_async_context(relay.running())
            yield
            for relay in relays:  # all at once: each is waited for in turn
                relay.stop()

    def unless_missing(name: str, answers: Probe) -> Probe:
        # Asked anew: an idle relay asks Kafka nothing, a busy one learns late that somebody is
        # away, and from a Postgres that hangs it learns nothing at all.
        async def probe() -> str | None:
            missing = [relay.missing[name] for relay in relays if name in relay.missing]
            return missing[0] if missing else await answers()

        return probe

    probes = {
        "postgres": unless_missing("postgres", postgres_answers(store)),
        "kafka": unless_missing("kafka", kafka_answers(kafka)),
    }
    return health_application(
        lifespan, metrics, probes, [relay.heartbeat.stuck_reason for relay in relays]
    )
