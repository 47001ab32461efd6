"""What happens to a record that nobody can read: set aside untouched, with the reason.

Its offset is committed only after Kafka has acknowledged it here, so a crash repeats the dead
letter and never loses the record.

Our headers may make the largest of records too large. Then the letter is a reference without its
value, key and headers: the original is still where ours say. Waiting for it to fit would stop its
partition for good.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError

from contracts import topics
from contracts.instants import to_rfc3339

TEXT_LIMIT = 1000
LARGEST_REQUEST = 4 * 1024 * 1024  # the broker decides what is too large, not the client


class Unreadable(NamedTuple):
    """A record and why it cannot be read."""

    record: ConsumerRecord
    error: Exception


def producer(servers: str) -> AIOKafkaProducer:
    """Make the producer of dead letters, not started yet.

    Not an idempotent one: a letter that the broker refuses leaves a gap in its sequence numbers,
    and after a gap it is stuck for good. A letter that comes twice harms nobody.
    """
    return AIOKafkaProducer(
        bootstrap_servers=servers,
        enable_idempotence=False,
        acks="all",
        compression_type="lz4",
        max_request_size=LARGEST_REQUEST,
    )


async def set_aside(
    producer: AIOKafkaProducer, group: str, unreadable: Sequence[Unreadable]
) -> None:
    """Copy the records to their topics' dead-letter topics, and wait for every acknowledgement."""
    await asyncio.gather(*(_send(producer, group, each) for each in unreadable))


async def _send(producer: AIOKafkaProducer, group: str, unreadable: Unreadable) -> None:
    record, facts = unreadable.record, _facts(unreadable.record, group, unreadable.error)
    topic = topics.dead_letters(record.topic, group)
    # A topic made by hand may have fewer partitions than the one that it belongs to.
    there = record.partition in await producer.partitions_for(topic)
    partition = record.partition if there else None
    key, headers = record.key, [*record.headers, *facts]
    without_key = [("key-was-null", b"true")] if key is None else []
    if key is None and record.value is None:  # Kafka has such records, its client sends none
        key, headers = b"", [*headers, *without_key]
    try:
        await producer.send_and_wait(topic, record.value, key, partition, headers=headers)
    except MessageSizeTooLargeError:
        size = str(len(record.value or b"")).encode()
        reference = [*facts, ("value-omitted-bytes", size), *without_key]
        await producer.send_and_wait(topic, None, b"", partition, headers=reference)


def _facts(record: ConsumerRecord, group: str, error: Exception) -> list[tuple[str, bytes]]:
    """Say where the record came from and what is wrong with it."""
    facts = {
        "original-topic": record.topic,
        "original-partition": str(record.partition),
        "original-offset": str(record.offset),
        "original-timestamp": str(record.timestamp),
        "group": group,
        "error-class": type(error).__name__,
        "error-text": str(error)[:TEXT_LIMIT],
        "failed-at": to_rfc3339(datetime.now(UTC)),
    }
    return [(name, text.encode(errors="replace")) for name, text in facts.items()]
