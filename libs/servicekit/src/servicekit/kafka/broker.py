"""The connection to Kafka that consumes."""

import contextlib
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from faststream import ContextRepo
from faststream.kafka import KafkaBroker, KafkaRouter
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from servicekit.kafka.connection import Kafka, Mechanism
from servicekit.kafka.consumer_health import ConsumerHealth
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.lifecycle import STOP_SECONDS, background_task, stop_within, until_started

MECHANISMS: Final[Mapping[Mechanism, type[SASLPlaintext | SASLScram256 | SASLScram512]]] = {
    "SCRAM-SHA-512": SASLScram512,
    "SCRAM-SHA-256": SASLScram256,
    "PLAIN": SASLPlaintext,
}
NEW_TOPICS_WITHIN_MS = 5_000  # how soon a topic that matches a pattern is noticed


def security(kafka: Kafka) -> BaseSecurity:
    """Say to FastStream how a Kafka is entered."""
    tls = kafka.tls()
    if not kafka.is_locked:
        return BaseSecurity(ssl_context=tls, use_ssl=tls is not None)
    known = MECHANISMS[kafka.mechanism]
    return known(kafka.username or "", kafka.password or "", tls, use_ssl=tls is not None)


def subscribing(kafka: Kafka, router: KafkaRouter, **context: Any) -> KafkaBroker:
    """Make a broker that reads and never writes, not started yet; `context` is for its handlers."""
    return KafkaBroker(
        kafka.servers,
        security=security(kafka),
        routers=[router],
        context=ContextRepo(context),
        consumer_only=True,
        allow_auto_create_topics=False,  # or a misspelt name would become a topic
        metadata_max_age_ms=NEW_TOPICS_WITHIN_MS,
        graceful_timeout=STOP_SECONDS - 2,
        logger=None,
    )


@contextlib.asynccontextmanager
async def consuming(
    make: Callable[[], KafkaBroker], health: ConsumerHealth, dead_letters: DeadLetters
) -> AsyncIterator[None]:
    """Consume beside the block, from when Kafka answers; leave the group in bounded time.

    Dead letters are let go last: the batch at hand may have some.
    """
    # Garbage is collected between batches (`fetching`): a collection that begins in the middle of
    # one would look at all of it.
    gc.set_threshold(200_000, 20, 100)

    async def start() -> None:
        broker = await until_started(make)
        stack.push_async_callback(lambda: stop_within(broker.stop()))
        health.follow(broker)

    async with background_task(health.run()), contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(dead_letters.stop)
        async with background_task(start()):
            yield
