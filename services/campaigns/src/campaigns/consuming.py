"""How campaigns reads Kafka: by the batch, at least once, never past what it has not dealt with.

A batch is repeated while the world is down. A bug ends the process: swallowed, it would lose the
batch at the next commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Final

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
from faststream.kafka import KafkaMessage, KafkaRouter

from campaigns.lifecycle import give_up
from campaigns.store.connecting import OUTAGES as STORE_OUTAGES

log = structlog.get_logger()

GROUP: Final = "campaigns"
LONGEST_PAUSE_SECONDS = 5.0
COMMIT_SECONDS = 30

OUTAGES = (KafkaError, *STORE_OUTAGES)

# A batch that aiokafka cannot parse; any other error of its leaves what it fetched as it was.
UNPARSABLE = (CorruptRecordException, UnsupportedCodecError)

Handler = Callable[..., Awaitable[None]]
Fetch = Callable[[AIOKafkaConsumer], Coroutine[Any, Any, Any]]


def at_least_once(router: KafkaRouter, topic: str) -> Callable[[Handler], Any]:
    """Subscribe by the batch; nothing but `commit` below moves the group."""
    subscriber = router.subscriber(
        topic,
        group_id=GROUP,
        batch=True,
        max_records=1000,
        batch_timeout_ms=50,  # also the pause after an empty poll
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
    subscriber.get_msg = or_end(subscriber.get_msg)  # type: ignore[method-assign, assignment]
    return lambda handler: subscriber(until_done(handler))


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


def or_end(fetch: Fetch) -> Fetch:
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
