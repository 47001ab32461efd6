"""How redemption reads Kafka: by the batch, at least once, never past what it has not dealt with.

A batch is repeated while the world is down. A bug ends the process: swallowed, it would lose the
batch at the next commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Final

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    CorruptRecordException,
    IllegalStateError,
    KafkaError,
    UnsupportedCodecError,
)
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaRouter

from redemption.decider import OverloadedError
from redemption.lifecycle import give_up

log = structlog.get_logger()

SERVICE: Final = "redemption"  # also the name behind `.dlq.`
LONGEST_PAUSE_SECONDS = 5.0
COMMIT_SECONDS = 30

OUTAGES = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a statement met a connection that was just being cut
    KafkaError,
    OSError,
    TimeoutError,
    OverloadedError,
)

# Kafka's own errors that come, like a parser's, after other partitions were taken from the buffers.
UNPARSEABLE = (CorruptRecordException, UnsupportedCodecError)

Handler = Callable[..., Awaitable[None]]


def at_least_once(
    router: KafkaRouter,
    *names: str,
    group: str,
    pattern: str | None = None,
    max_records: int = 1000,
) -> Callable[[Handler], Any]:
    """Subscribe by the batch; nothing but `commit` below moves the group.

    A group has one subscription: consumers that want different topics would unsettle each other.
    """
    subscribe = router.subscriber(
        *names,
        pattern=pattern,
        group_id=group,
        batch=True,
        max_records=max_records,
        batch_timeout_ms=10,  # also the pause after an empty poll: latency when traffic resumes
        # aiokafka has one fetch under way per broker: while it waits for partitions that are idle,
        # a busy one stands still as soon as its buffer is used up. So: short waits, large buffers.
        fetch_max_wait_ms=20,
        max_partition_fetch_bytes=4 * 1024 * 1024,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",  # a new group reads the history
        parser=lenient,  # a header that is not text must not drop its batch
        decoder=raw,  # one unreadable body must not take its batch along
        no_reply=True,  # a sender's `reply_to` header must not make us publish
        isolation_level="read_committed",
        session_timeout_ms=15_000,
        heartbeat_interval_ms=3_000,
        rebalance_timeout_ms=60_000,
        max_poll_interval_ms=600_000,
        partition_assignment_strategy=(StickyPartitionAssignor,),
    )
    return lambda handler: subscribe(until_done(handler))


async def lenient(
    records: tuple[ConsumerRecord, ...], original: Callable[..., Awaitable[Any]]
) -> Any:
    """Hide headers that are not text from FastStream, which would drop their whole batch."""
    message = await original(
        tuple(
            replace(r, headers=tuple(h for h in r.headers if _is_text(h[1]))) if r.headers else r
            for r in records
        )
    )
    message.raw_message = records  # handlers see each record as it came
    return message


def _is_text(header: bytes | None) -> bool:
    try:
        return header is not None and header.decode() is not None
    except UnicodeDecodeError:
        return False


async def raw(message: KafkaMessage) -> None:
    """Leave the bodies alone: the handler reads the records."""


def die_of_what_cannot_be_fetched(broker: KafkaBroker) -> None:
    """Make what Kafka's client cannot even parse end the process; call it before the start.

    Such a record (a header name that is not text) raises after the client has taken other
    partitions' records out of its buffers. FastStream would go on, and the next commit pass them.
    """
    for subscriber in broker.subscribers:
        subscriber.get_msg = _or_die(subscriber.get_msg)  # type: ignore[attr-defined]


def _or_die(fetch: Callable[[AIOKafkaConsumer], Awaitable[Any]]) -> Any:
    async def fetch_or_die(consumer: AIOKafkaConsumer) -> Any:
        try:
            return await fetch(consumer)
        except Exception as error:
            if isinstance(error, KafkaError) and not isinstance(error, UNPARSEABLE):
                raise
            log.exception("a record that Kafka's client cannot parse: ending the process")
            give_up()
            return await asyncio.Event().wait()  # never polls again; the stop cancels it

    return fetch_or_die


def until_done(handler: Handler) -> Handler:
    """Repeat a batch while the world is down; end the process on a bug."""

    @wraps(handler)
    async def patient(*args: Any, **kwargs: Any) -> None:
        pause = 0.1
        while True:
            try:
                return await handler(*args, **kwargs)
            except OUTAGES as outage:
                log.warning("waiting for an outage to end", seconds=pause, error=repr(outage))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            except Exception as bug:
                log.exception("giving up: whoever starts next reads this batch again")
                give_up()  # ends the process, orderly
                raise SystemExit(1) from bug  # ends this subscriber before its next batch

    return patient


async def commit(consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
    """Move each partition past these records, and past nothing else that was fetched."""
    offsets = {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
    try:
        await asyncio.wait_for(consumer.commit(offsets), COMMIT_SECONDS)
    except (CommitFailedError, IllegalStateError):
        log.info("the partitions moved on; their new owner repeats this batch")
