"""How analytics reads Kafka: by the batch, at least once, never past what it has not dealt with."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    ConsumerStoppedError,
    CorruptRecordException,
    IllegalStateError,
    KafkaError,
    UnsupportedCodecError,
)
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from analytics.store import is_outage

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
COMMIT_SECONDS = 30

# A batch that aiokafka cannot parse; any other error of its leaves what it fetched as it was.
UNPARSABLE = (CorruptRecordException, UnsupportedCodecError)

Handler = Callable[..., Awaitable[None]]
Fetch = Callable[[AIOKafkaConsumer], Coroutine[Any, Any, Any]]
GiveUp = Callable[[], None]


async def raw(_message: KafkaMessage) -> None:
    """Decode nothing: the handler reads the records, so that one cannot take its batch along."""


async def lenient(
    records: tuple[ConsumerRecord, ...], original: Callable[..., Awaitable[Any]]
) -> Any:
    """Hide headers that are not text from FastStream, which would drop their whole batch."""
    message = await original(tuple(r if _all_text(r) else _without_bytes(r) for r in records))
    message.raw_message = records  # handlers see each record as it came
    return message


def at_least_once(
    broker: KafkaBroker, topics: Sequence[str], group: str, give_up: GiveUp
) -> Callable[[Handler], Any]:
    """Subscribe by the batch; nothing but `commit` below moves the group."""
    subscriber = broker.subscriber(
        *topics,
        group_id=group,
        batch=True,
        max_records=10_000,  # the blocks of ClickHouse want to be big
        batch_timeout_ms=100,
        # One fetch is under way per broker: while it waits for idle topics, busy ones stand still.
        fetch_max_wait_ms=50,
        fetch_max_bytes=64 * 1024 * 1024,
        max_partition_fetch_bytes=8 * 1024 * 1024,  # the default holds some 1,200 outcomes
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",  # a new group reads the history
        isolation_level="read_committed",
        partition_assignment_strategy=(StickyPartitionAssignor,),
        session_timeout_ms=15_000,
        heartbeat_interval_ms=1_000,  # how soon a member notices that another one came or left
        rebalance_timeout_ms=60_000,
        max_poll_interval_ms=600_000,
        parser=lenient,  # a header that is not text must not drop its batch
        decoder=raw,  # one unreadable body must not take its batch along
        no_reply=True,  # a sender's `reply_to` header must not make us publish
    )
    subscriber.get_msg = or_end(subscriber.get_msg, give_up)  # type: ignore[method-assign, assignment]
    return lambda handler: subscriber(until_done(handler, give_up))


def or_end(fetch: Fetch, give_up: GiveUp) -> Fetch:
    """End the process on a record that does not even parse, such as one with a bytes header name.

    By then aiokafka has taken other partitions' records out of its buffers: FastStream would start
    its loop anew, read on, and the next commit would pass records that nobody has seen.
    """

    @wraps(fetch)
    async def fetch_or_end(consumer: AIOKafkaConsumer) -> Any:
        try:
            return await fetch(consumer)
        except Exception as error:
            expected = isinstance(error, (KafkaError, ConsumerStoppedError))
            if expected and not isinstance(error, UNPARSABLE):
                raise
            log.exception("giving up: a record does not parse, and others went with it")
            give_up()  # ends the process, orderly
            raise ConsumerStoppedError from error  # ends this subscriber before its next batch

    return fetch_or_end


def until_done(handler: Handler, give_up: GiveUp) -> Handler:
    """Repeat while the world is down. A bug ends the process: swallowed, it loses the batch."""

    @wraps(handler)
    async def patient(*args: Any, **kwargs: Any) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await handler(*args, **kwargs)
            except Exception as error:
                if not (isinstance(error, KafkaError) or is_outage(error)):
                    log.exception("giving up: whoever starts next reads this batch again")
                    give_up()  # ends the process, orderly
                    raise SystemExit(1) from error  # ends this subscriber before its next batch
                log.warning("waiting for an outage to end", seconds=pause, error=repr(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    return patient


async def commit(consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
    """Move each partition past these records, and past nothing else that was fetched."""
    offsets = {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
    try:
        await asyncio.wait_for(consumer.commit(offsets), timeout=COMMIT_SECONDS)
    except (CommitFailedError, IllegalStateError):
        log.info("the partitions moved on; their new owner repeats this batch")


def _all_text(record: ConsumerRecord) -> bool:
    return all(_is_text(value) for _, value in record.headers)


def _without_bytes(record: ConsumerRecord) -> ConsumerRecord:
    return replace(record, headers=tuple(h for h in record.headers if _is_text(h[1])))


def _is_text(value: bytes | None) -> bool:
    try:
        return value is not None and value.decode() is not None
    except UnicodeDecodeError:
        return False
