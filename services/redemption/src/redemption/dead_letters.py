"""What happens to a record that nobody can read: set aside untouched, with the reason.

Its offset is committed only after Kafka has acknowledged it here, so a crash repeats the dead
letter and never loses the record.

Our headers may make the largest of records too large. Then the letter has no value: the original
is still where the headers say. Waiting for it to fit would stop its partition for good.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError

from contracts import topics
from contracts.instants import wire

TEXT_LIMIT = 1000
LARGEST_REQUEST = 4 * 1024 * 1024  # the broker decides what is too large, not the client


class Unreadable(NamedTuple):
    """A record and why it cannot be read."""

    record: ConsumerRecord
    error: Exception


async def set_aside(
    producer: AIOKafkaProducer, group: str, unreadable: Sequence[Unreadable]
) -> None:
    """Copy the records to their topics' dead-letter topics, and wait for every acknowledgement."""
    await asyncio.gather(*(_send(producer, group, each) for each in unreadable))


async def _send(producer: AIOKafkaProducer, group: str, unreadable: Unreadable) -> None:
    record, headers = unreadable.record, _headers(unreadable.record, group, unreadable.error)
    topic = topics.dead_letters(record.topic, group)
    place = {"key": record.key, "partition": record.partition}
    try:
        await producer.send_and_wait(topic, record.value, headers=headers, **place)
    except MessageSizeTooLargeError:
        omitted = [*headers, ("value-omitted-bytes", str(len(record.value or b"")).encode())]
        await producer.send_and_wait(topic, None, headers=omitted, **place)


def _headers(record: ConsumerRecord, group: str, error: Exception) -> list[tuple[str, bytes]]:
    """Keep the record's own headers, and say where it came from and what is wrong with it."""
    facts = {
        "original-topic": record.topic,
        "original-partition": str(record.partition),
        "original-offset": str(record.offset),
        "original-timestamp": str(record.timestamp),
        "group": group,
        "error-class": type(error).__name__,
        "error-text": str(error)[:TEXT_LIMIT],
        "failed-at": wire(datetime.now(UTC)),
    }
    return [*record.headers, *((name, text.encode()) for name, text in facts.items())]
