r"""What happens to a record that nobody can read: set aside untouched, with the reason.

A dead letter goes to `<topic>.dlq.<group>`, into the partition that it came from where that topic
has it. Key, value and headers are the record's own; these headers are added:

    original-topic, original-partition, original-offset, original-timestamp
                          where the record is, and its timestamp in milliseconds
    group                 whose reader gave up on it
    error-class           what is wrong: ValidationError, NewerMajorError, UnknownTypeError, ...
    error-text            the same in words, 1,000 characters at most
    failed-at             when, RFC 3339 in UTC
    key-was-null          "true": the record had no key, and the letter has an empty one instead
    value-omitted-bytes   how large the value is that did not fit beside our headers, or that must
                          not be unpacked: the letter is a reference without key, value and headers
                          of its own, the original is still where ours say. Waiting for it to fit
                          would stop its partition.
    original-last-offset  of such a reference that stands for several records: the last one's offset

A header's own name that is not UTF-8 is written with \xNN in place of its bytes.

The letter is acknowledged before the caller commits: a crash in between repeats the letter and
never loses the record.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError

from servicekit.kafka.connection import Kafka
from servicekit.kafka.distrust import Unparsable
from servicekit.kafka.producing import Producing
from servicekit.metrics import Metrics

log = structlog.get_logger()

TEXT_LIMIT = 1000
LARGEST_REQUEST = 4 * 1024 * 1024  # the broker decides what is too large, not the client

Headers = list[tuple[str, bytes]]


class DeadLetter(NamedTuple):
    """A record, and why nobody can ever read it."""

    record: ConsumerRecord
    error_class: str
    error_text: str


def dead_letter(record: ConsumerRecord, error: Exception) -> DeadLetter:
    """Take the reason from an error, by its name and its words."""
    return DeadLetter(record, type(error).__name__, str(error))


def dlq_topic(topic: str, group: str) -> str:
    """Name the topic where a group sets aside what it can never read."""
    return f"{topic}.dlq.{group}"


def origin_headers(letter: DeadLetter, group: str, failed_at: datetime) -> Headers:
    """Say where the record came from and what is wrong with it."""
    record = letter.record
    first = record.first if isinstance(record, Unparsable) else record.offset
    facts = {
        "original-topic": record.topic,
        "original-partition": str(record.partition),
        "original-offset": str(first),
        "original-timestamp": str(record.timestamp),
        "group": group,
        "error-class": letter.error_class,
        "error-text": letter.error_text[:TEXT_LIMIT],
        "failed-at": failed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if first != record.offset:
        facts["original-last-offset"] = str(record.offset)
    # `replace`: half a surrogate pair, quoted from somebody's JSON, has no bytes.
    return [(name, text.encode(errors="replace")) for name, text in facts.items()]


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
                max_request_size=LARGEST_REQUEST,
            )
        )

    async def send_to_dlq(self, letters: Sequence[DeadLetter]) -> None:
        """Return when every letter is acknowledged; raise an outage otherwise."""
        if not letters:
            return
        async with self._producing.lent() as producer:
            await asyncio.gather(*(send(producer, self._group, each) for each in letters))
        for record, error_class, _ in letters:
            self._metrics.dead_letters.labels(record.topic).inc()
            log.warning(
                "dead_letter",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                error=error_class,
            )

    async def stop(self) -> None:
        """Let go of the broker, in bounded time."""
        await self._producing.stop()


async def send(producer: AIOKafkaProducer, group: str, letter: DeadLetter) -> None:
    """Send one letter, or a reference where it does not fit, and wait for its acknowledgement."""
    record, facts = letter.record, origin_headers(letter, group, datetime.now(UTC))
    topic = dlq_topic(record.topic, group)
    # A topic made by hand may have fewer partitions than the one that it belongs to.
    has_partition = record.partition in await producer.partitions_for(topic)
    partition = record.partition if has_partition else None
    without_key: Headers = [("key-was-null", b"true")] if record.key is None else []
    if isinstance(record, Unparsable) and record.omitted_bytes is not None:
        await _refer(producer, topic, partition, facts, record.omitted_bytes)
        return
    key, headers = record.key, [*record.headers, *facts]
    if key is None and record.value is None:  # Kafka has such records, its client sends none
        key, headers = b"", [*headers, *without_key]
    try:
        await producer.send_and_wait(topic, record.value, key, partition, headers=headers)
    except MessageSizeTooLargeError:
        size = len(record.value or b"")
        await _refer(producer, topic, partition, [*facts, *without_key], size)


async def _refer(
    producer: AIOKafkaProducer, topic: str, partition: int | None, facts: Headers, size: int
) -> None:
    headers = [*facts, ("value-omitted-bytes", str(size).encode())]
    await producer.send_and_wait(topic, None, b"", partition, headers=headers)
