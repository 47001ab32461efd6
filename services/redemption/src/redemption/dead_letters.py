"""What happens to a record that nobody can read: set aside untouched, with the reason.

Its offset is committed only after Kafka has acknowledged it here, so a crash repeats the dead
letter and never loses the record. What is too large to be sent again stays where it is: its
dead letter has no value, only the reference.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, ConsumerRecord

from contracts import topics
from contracts.instants import wire

TEXT_LIMIT = 1000
VALUE_LIMIT = 900_000  # a sender may have compressed what is too large for us to send


class Unreadable(NamedTuple):
    """A record and why it cannot be read."""

    record: ConsumerRecord
    error: Exception


async def set_aside(
    producer: AIOKafkaProducer, group: str, unreadable: Sequence[Unreadable]
) -> None:
    """Copy the records to their topics' dead-letter topics, and wait for every acknowledgement."""
    acks = [
        await producer.send(
            topics.dead_letters(record.topic, group),
            key=record.key,
            value=_value(record),
            partition=record.partition,
            headers=_headers(record, group, error),
        )
        for record, error in unreadable
    ]
    await asyncio.gather(*acks)


def _value(record: ConsumerRecord) -> bytes | None:
    value: bytes | None = record.value
    return None if value is not None and len(value) > VALUE_LIMIT else value


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
