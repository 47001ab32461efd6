"""Sends dead letters, many at a time: a stranger's kilobyte may be a hundred thousand of them.

They are acknowledged before the caller commits: a crash in between repeats them and never loses a
record.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from servicekit.kafka.connection import Kafka
from servicekit.kafka.distrust import Unparsable
from servicekit.kafka.letters import DeadLetter, Headers, dlq_topic, origin_headers, put_together
from servicekit.kafka.producing import Producing
from servicekit.metrics import Metrics

log = structlog.get_logger()

LARGEST_REQUEST = 4 * 1024 * 1024  # the broker decides what is too large, not the client
BATCH_BYTES = 500_000  # half of what a broker takes of a batch; a letter that is larger goes alone
ROUND_BYTES = 3_000_000  # of all partitions at once: less than our broker takes of a request

VALUE_OMITTED = "value-omitted-bytes"


class Envelope(NamedTuple):
    """A letter as it goes to Kafka, and the headers of what refers to it where it does not fit."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    reference: Headers

    @property
    def size(self) -> int:
        """Return its bytes, near enough."""
        headers = sum(len(name) + len(value or b"") + 4 for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers + 20


class Batch(NamedTuple):
    """What goes to one partition as one batch."""

    topic: str
    partition: int
    envelopes: Sequence[Envelope]


class DeadLetters:
    """The way to the dead-letter topics of one group; connects when there is something to send."""

    def __init__(self, kafka: Kafka, group: str, metrics: Metrics) -> None:
        self._group = group
        self._metrics = metrics
        self._producing = Producing(
            lambda: AIOKafkaProducer(
                **kafka.options(),
                # Refused as too large, a letter leaves an idempotent producer stuck for good: a gap
                # in its sequence numbers. A letter that comes twice harms nobody.
                enable_idempotence=False,
                acks="all",
                compression_type="snappy",
                max_batch_size=LARGEST_REQUEST,
                max_request_size=LARGEST_REQUEST,
            )
        )

    async def send_to_dlq(self, letters: Sequence[DeadLetter]) -> None:
        """Return when every letter is acknowledged; raise an outage otherwise."""
        if not letters:
            return
        letters = put_together(letters)
        async with self._producing.lent() as producer:
            await send(producer, self._group, letters)
        self._report(letters)

    def _report(self, letters: Sequence[DeadLetter]) -> None:
        """Count records, and write a line for each partition and reason: nobody fills our disk."""
        alike: defaultdict[tuple[str, int, str], list[DeadLetter]] = defaultdict(list)
        for letter in letters:
            record = letter.record
            self._metrics.dead_letters.labels(record.topic).inc(letter.records)
            alike[record.topic, record.partition, letter.error_class].append(letter)
        for (topic, partition, error), some in alike.items():
            log.warning(
                "dead_letter",
                topic=topic,
                partition=partition,
                offset=some[0].first,
                last_offset=some[-1].record.offset,
                records=sum(letter.records for letter in some),
                error=error,
            )

    async def stop(self) -> None:
        """Let go of the broker, in bounded time."""
        await self._producing.stop()


async def send(producer: AIOKafkaProducer, group: str, letters: Sequence[DeadLetter]) -> None:
    """Send letters, each partition's in their order, and wait until all are acknowledged."""
    now = datetime.now(UTC)
    by_partition: defaultdict[tuple[str, int], list[Envelope]] = defaultdict(list)
    for letter in letters:
        topic = dlq_topic(letter.record.topic, group)
        # A topic made by hand may have fewer partitions than the one that it belongs to.
        partition = letter.record.partition % len(await producer.partitions_for(topic))
        by_partition[topic, partition].append(_envelope(letter, group, now))
    for round_ in _rounds(by_partition):
        await _send_round(producer, round_)


async def _send_round(producer: AIOKafkaProducer, batches: Sequence[Batch]) -> None:
    acks = []
    for topic, partition, envelopes in batches:
        builder = producer.create_batch()
        for each in envelopes:
            builder.append(timestamp=None, key=each.key, value=each.value, headers=each.headers)
        acks.append(await producer.send_batch(builder, topic, partition=partition))
    for (topic, partition, envelopes), became in zip(
        batches, await asyncio.gather(*acks, return_exceptions=True), strict=True
    ):
        if isinstance(became, MessageSizeTooLargeError):
            for each in envelopes:
                await _send_alone(producer, topic, partition, each)
        elif isinstance(became, BaseException):
            raise became


async def _send_alone(
    producer: AIOKafkaProducer, topic: str, partition: int, letter: Envelope
) -> None:
    """Send a letter, or a reference where it does not fit."""
    try:
        await producer.send_and_wait(
            topic, letter.value, letter.key, partition, headers=letter.headers
        )
    except MessageSizeTooLargeError:
        await producer.send_and_wait(topic, None, b"", partition, headers=letter.reference)


def _rounds(by_partition: Mapping[tuple[str, int], Sequence[Envelope]]) -> Iterator[list[Batch]]:
    """Put together what may be on its way at once: one request has a batch of every partition."""
    some: list[Batch] = []
    size = 0
    for (topic, partition), envelopes in by_partition.items():
        for batch in _batches(envelopes):
            larger = sum(each.size for each in batch)
            if some and size + larger > ROUND_BYTES:
                yield some
                some, size = [], 0
            some.append(Batch(topic, partition, batch))
            size += larger
    if some:
        yield some


def _batches(envelopes: Sequence[Envelope]) -> Iterator[Sequence[Envelope]]:
    begin = size = 0
    for i, each in enumerate(envelopes):
        if i > begin and size + each.size > BATCH_BYTES:
            yield envelopes[begin:i]
            begin, size = i, 0
        size += each.size
    yield envelopes[begin:]


def _envelope(letter: DeadLetter, group: str, failed_at: datetime) -> Envelope:
    record, facts = letter.record, origin_headers(letter, group, failed_at)
    size = len(record.value or b"")
    if isinstance(record, Unparsable) and record.omitted_bytes is not None:
        reference = [*facts, (VALUE_OMITTED, str(record.omitted_bytes).encode())]
        return Envelope(b"", None, reference, reference)
    without_key: Headers = [("key-was-null", b"true")] if record.key is None else []
    reference = [*facts, *without_key, (VALUE_OMITTED, str(size).encode())]
    key, headers = record.key, [*record.headers, *facts]
    if key is None and record.value is None:  # Kafka has such records, its client sends none
        key, headers = b"", [*headers, *without_key]
    whole = Envelope(key, record.value, headers, reference)
    return whole if whole.size <= ROUND_BYTES else Envelope(b"", None, reference, reference)
