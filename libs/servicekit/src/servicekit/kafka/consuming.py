"""How Kafka is read: by the batch, at least once, never past what has not been dealt with.

A batch is repeated while the world is down. A bug ends the process: swallowed, it would lose the
batch at the next commit. Handlers get the records as they came, in `message.raw_message`, and an
`Unparsable` in the place of what is no record.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from itertools import chain
from typing import Any, NamedTuple

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

from servicekit.kafka.batches import RECORD_BYTES
from servicekit.kafka.distrust import distrust
from servicekit.lifecycle import give_up

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
COMMIT_SECONDS = 30
POSITION_SECONDS = 1
SESSION_MS = 6_000  # whoever takes a killed member's place waits for the end of its session
AT_ONCE_SECONDS = 0.001

# What aiokafka says of a batch that it cannot parse. It should get none such any more; if it does,
# what it has fetched beside it is lost, as with no other error of its.
UNPARSABLE = (CorruptRecordException, UnsupportedCodecError)

FETCH_BYTES = 32 * RECORD_BYTES  # what a batch for a handler may be once it is unpacked

Handler = Callable[..., Awaitable[None]]
Fetch = Callable[[AIOKafkaConsumer], Coroutine[Any, Any, tuple[ConsumerRecord, ...]]]
IsOutage = Callable[[BaseException], bool]


class Tuning(NamedTuple):
    """The numbers of one subscription.

    aiokafka has one fetch under way per broker: while it waits for partitions that are idle, a busy
    one stands still as soon as its buffer is used up. So: short waits, large buffers.

    And it fetches a partition anew only when its buffer is empty: after a busy moment that holds
    the first record that came meanwhile, and the others are one fetch behind. `follow_up_ms` waits
    for that fetch, for subscriptions in which a moment counts.
    """

    max_records: int = 1000
    poll_ms: int = 200  # how long an empty poll waits; records end the wait at once
    follow_up_ms: int = 0  # how long to wait for what came after the records that were waiting
    fetch_max_wait_ms: int = 100  # how often an idle subscription asks, too
    fetch_max_bytes: int = 52_428_800
    max_partition_fetch_bytes: int = 4 * 1024 * 1024
    heartbeat_interval_ms: int = 1_500


def at_least_once(
    router: KafkaRouter,
    *topics: str,
    group: str,
    is_outage: IsOutage,
    pattern: str | None = None,
    tuning: Tuning = Tuning(),  # noqa: B008 - a value
) -> Callable[[Handler], Any]:
    """Subscribe by the batch; nothing but `commit` below moves the group.

    `is_outage` says what of a handler's errors is an outage of its store; Kafka's own are anyway.
    A group has one subscription: consumers that want different topics would unsettle each other.
    """
    distrust()
    subscriber = router.subscriber(
        *topics,
        pattern=pattern,
        group_id=group,
        batch=True,
        max_records=tuning.max_records,
        batch_timeout_ms=tuning.poll_ms,
        fetch_max_wait_ms=tuning.fetch_max_wait_ms,
        fetch_max_bytes=tuning.fetch_max_bytes,
        max_partition_fetch_bytes=tuning.max_partition_fetch_bytes,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",  # a new group reads the history
        parser=parse_headers_leniently,  # a header that is not text must not drop its batch
        decoder=no_decoding,  # one unreadable body must not take its batch along
        no_reply=True,  # a sender's `reply_to` header must not make us publish
        isolation_level="read_committed",
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=tuning.heartbeat_interval_ms,
        rebalance_timeout_ms=60_000,
        max_poll_interval_ms=600_000,
        partition_assignment_strategy=(StickyPartitionAssignor,),
    )
    subscriber.get_msg = exit_on_bugs(  # type: ignore[method-assign, assignment]
        fetch_by(tuning)
    )
    return lambda handler: subscriber(retry_outages(handler, is_outage))


def fetch_by(tuning: Tuning) -> Fetch:
    """Make the fetch of a subscription: FastStream's own sleeps after every empty poll."""

    async def fetch(consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        asked_at = time.monotonic()
        records = await _records(consumer, tuning.poll_ms, tuning.max_records)
        missing = tuning.max_records - len(records)
        was_waiting = time.monotonic() - asked_at < AT_ONCE_SECONDS
        if records and missing and was_waiting and tuning.follow_up_ms:
            try:
                records += await _records(consumer, tuning.follow_up_ms, missing)
            except KafkaError as error:
                if isinstance(error, UNPARSABLE):
                    raise  # the process ends, and these records are read again
                log.warning("follow_up_failed", error=repr(error))  # the next fetch will meet it
        return tuple(records)

    return fetch


async def _records(consumer: AIOKafkaConsumer, timeout_ms: int, most: int) -> list[ConsumerRecord]:
    """Take what was fetched, by so few records at a time that their bytes stay within the bound.

    Compressed, they come by the thousand in a kilobyte, and each may be as large as it likes.
    """
    records: list[ConsumerRecord] = []
    left = FETCH_BYTES
    while len(records) < most and left >= RECORD_BYTES:
        few = min(most - len(records), left // RECORD_BYTES)
        try:
            batches = await consumer.getmany(timeout_ms=timeout_ms, max_records=few)
        except KafkaError as error:
            if not records or isinstance(error, UNPARSABLE):
                raise
            log.warning("fetch_cut_short", error=repr(error))  # the next fetch will meet it
            break
        taken = [*chain.from_iterable(batches.values())]
        records += taken
        if len(taken) < few:
            break
        timeout_ms = 0
        left -= sum(map(_size, taken))
    return records


def _size(record: ConsumerRecord) -> int:
    size: int = record.serialized_key_size + record.serialized_value_size
    if record.headers:
        size += sum(len(name) + len(value or b"") for name, value in record.headers)
    return size


def exit_on_bugs(fetch: Fetch) -> Fetch:
    """End the process on an error that nobody knows of in what reads the records.

    By then aiokafka has taken other partitions' records out of its buffers: FastStream would start
    its loop anew, read on, and the next commit would pass records that nobody has seen.
    """

    @wraps(fetch)
    async def fetch_or_exit(consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        try:
            return await fetch(consumer)
        except Exception as error:
            expected = isinstance(error, (KafkaError, ConsumerStoppedError))
            if expected and not isinstance(error, UNPARSABLE):
                raise
            try:
                log.exception("record_unparsable", unread=await _unread(consumer))
            finally:
                give_up()  # ends the process, orderly
            raise ConsumerStoppedError from error  # ends this subscriber before its next batch

    return fetch_or_exit


async def _unread(consumer: AIOKafkaConsumer) -> list[dict[str, Any]]:
    """Name where there is more than this consumer has taken: at one of these places it failed.

    Several, where it is behind on several partitions: aiokafka does not say which it was.
    """
    fetched = {p: consumer.highwater(p) for p in sorted(consumer.assignment())}
    places = []
    for partition, end in fetched.items():
        with suppress(IllegalStateError, TimeoutError):  # taken away, or not found yet
            position = await asyncio.wait_for(consumer.position(partition), POSITION_SECONDS)
            if end is not None and position < end:
                places.append({**partition._asdict(), "position": position})
    return places


def retry_outages(handler: Handler, is_outage: IsOutage) -> Handler:
    """Repeat a batch while the world is down; end the process on a bug."""

    @wraps(handler)
    async def patient(*args: Any, **kwargs: Any) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await handler(*args, **kwargs)
            except Exception as error:
                if not (isinstance(error, KafkaError) or is_outage(error)):
                    # Whoever starts next reads this batch again.
                    log.exception("batch_abandoned")
                    give_up()  # ends the process, orderly
                    raise SystemExit(1) from error  # ends this subscriber before its next batch
                log.warning("waiting_for_outage", seconds=pause, error=repr(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    return patient


async def commit(consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
    """Move each partition past these records, and past nothing else that was fetched."""
    await commit_offsets(
        consumer, {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
    )


async def commit_offsets(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    """Say where each of these partitions is to be read on from."""
    try:
        await asyncio.wait_for(consumer.commit(offsets), COMMIT_SECONDS)
    except (CommitFailedError, IllegalStateError):
        log.info("partitions_moved")  # their new owner repeats this batch


async def parse_headers_leniently(
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


async def no_decoding(message: KafkaMessage) -> None:
    """Leave the bodies alone: the handler reads the records."""


def _is_text(header: bytes | None) -> bool:
    try:
        return header is not None and header.decode() is not None
    except UnicodeDecodeError:
        return False
