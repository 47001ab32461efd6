"""How records are fetched for a handler: so many, so large, and never past one that is not read."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from functools import wraps
from itertools import chain
from typing import Any, NamedTuple

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    ConsumerStoppedError,
    CorruptRecordException,
    IllegalStateError,
    KafkaError,
    UnsupportedCodecError,
)

from servicekit.kafka.batches import RECORD_BYTES
from servicekit.lifecycle import give_up

log = structlog.get_logger()

POSITION_SECONDS = 1
AT_ONCE_SECONDS = 0.001

# What aiokafka says of a batch that it cannot parse. It should get none such any more; if it does,
# what it has fetched beside it is lost, as with no other error of its.
UNPARSABLE = (CorruptRecordException, UnsupportedCodecError)

FETCH_BYTES = 32 * RECORD_BYTES  # what a batch for a handler may be once it is unpacked

Fetch = Callable[[AIOKafkaConsumer], Coroutine[Any, Any, tuple[ConsumerRecord, ...]]]


class Tuning(NamedTuple):
    """The numbers of one subscription.

    aiokafka has one fetch under way per broker: while it waits for partitions that are idle, a busy
    one stands still as soon as its buffer is used up. So: short waits, large buffers. (What is
    asked of all partitions at once waits longer, see `idling`.)

    And it fetches a partition anew only when its buffer is empty: after a busy moment that holds
    the first record that came meanwhile, and the others are one fetch behind. `follow_up_ms` waits
    for that fetch, for subscriptions in which a moment counts.
    """

    max_records: int = 1000
    poll_ms: int = 200  # how long an empty poll waits; records end the wait at once
    follow_up_ms: int = 0  # how long to wait for what came after the records that were waiting
    fetch_max_wait_ms: int = 100  # of what is asked of some partitions alone
    fetch_max_bytes: int = 52_428_800
    max_partition_fetch_bytes: int = 4 * 1024 * 1024
    heartbeat_interval_ms: int = 1_500


def fetch_by(tuning: Tuning) -> Fetch:
    """Make the fetch of a subscription: FastStream's own sleeps after every empty poll."""

    async def fetch(consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord, ...]:
        gc.collect(0)  # of the last batch nothing is alive any more, so there is little to look at
        asked_at = time.monotonic()
        records = await _records(consumer, tuning.poll_ms, tuning.max_records)
        missing = tuning.max_records - len(records)
        was_waiting = time.monotonic() - asked_at < AT_ONCE_SECONDS
        if records and missing and was_waiting and tuning.follow_up_ms:
            try:
                left = FETCH_BYTES - sum(map(_size, records))
                records += await _records(consumer, tuning.follow_up_ms, missing, left)
            except KafkaError as error:
                if isinstance(error, UNPARSABLE):
                    raise  # the process ends, and these records are read again
                log.warning("follow_up_failed", error=repr(error))  # the next fetch will meet it
        return tuple(records)

    return fetch


async def _records(
    consumer: AIOKafkaConsumer, timeout_ms: int, most: int, left: int = FETCH_BYTES
) -> list[ConsumerRecord]:
    """Take what was fetched, by so few records at a time that they stay within the bytes left.

    Compressed, they come by the thousand in a kilobyte, and each may be as large as it likes.
    """
    records: list[ConsumerRecord] = []
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
        _let_others_come_first(consumer, batches)
        timeout_ms = 0
        left -= sum(map(_size, taken))
    return records


def _let_others_come_first(consumer: AIOKafkaConsumer, served: Iterable[TopicPartition]) -> None:
    """Put these behind the other partitions whose records are here already.

    aiokafka hands out all that it has of one before it turns to the next: whoever is behind on
    one, by thousands of records, would keep everybody else waiting.
    """
    fetched = consumer._fetcher._records  # noqa: SLF001 - there is no seam for it
    for partition in served:
        if partition in fetched:
            fetched.move_to_end(partition)


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
            async with asyncio.timeout(POSITION_SECONDS):
                position = await consumer.position(partition)
            if end is not None and position < end:
                places.append({**partition._asdict(), "position": position})
    return places
