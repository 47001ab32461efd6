"""Kafka in: what campaigns says, applied by a process of its own.

A kill switch waits for it, so nothing that a checkout sends may stand in its way: not a record that
nobody can read, not a batch that waits for a lock, not a bug that it meets.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple

import asyncpg
from aiokafka import ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer
from pydantic import Field, TypeAdapter, ValidationError

from contracts import topics
from redemption import snapshots
from servicekit.kafka.consuming import Tuning, at_least_once, commit
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.reading import sort_records
from servicekit.postgres.pool import is_outage

GROUP: Final = "redemption-snapshots"
TUNING: Final = Tuning(max_records=100)  # a record may be a thousand codes
TOO_MANY: Final = 100  # unreadable snapshots in a row: they come from us, so the fault is ours


class Dependencies(NamedTuple):
    """What the handler works with, made by the composition root."""

    pool: asyncpg.Pool
    dead_letters: DeadLetters


Deps = Annotated[Dependencies, Context("dependencies")]

SNAPSHOT: TypeAdapter[snapshots.Snapshot] = TypeAdapter(
    Annotated[snapshots.Snapshot, Field(discriminator="type")]
)


def router() -> KafkaRouter:
    """Make the subscription of the definitions role."""
    subscriptions = KafkaRouter()
    at_least_once(
        subscriptions,
        topics.PROJECTS.name,
        topics.CAMPAIGNS.name,
        topics.VOUCHERS.name,
        group=GROUP,
        is_outage=is_outage,
        tuning=TUNING,
    )(on_snapshots)
    return subscriptions


async def on_snapshots(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, dependencies: Deps
) -> None:
    """Apply a batch of snapshots."""
    records: Sequence[ConsumerRecord] = message.raw_message
    changed: list[snapshots.Snapshot]
    changed, letters = sort_records(records, _snapshot, (ValidationError,))
    if len(letters) == len(records) >= TOO_MANY:
        raise RuntimeError(f"none of {len(records)} snapshots can be read: {letters[0].error_text}")
    await dependencies.dead_letters.send_to_dlq(letters)
    if changed:
        await snapshots.apply(dependencies.pool, changed)
    await commit(consumer, records)


def _snapshot(record: ConsumerRecord) -> snapshots.Snapshot:
    snapshot: snapshots.Snapshot = SNAPSHOT.validate_json(record.value or b"")
    return snapshot
