"""What the topic of outcomes holds."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts import topics
from counterfoil.reconcile.facts import Fact, Scope, of_event

POLL_MILLISECONDS = 1000


@dataclass(slots=True)
class OnKafka:
    """What the topic holds. `keeps_from` is None as long as nothing was ever deleted from it."""

    facts: dict[UUID, Fact] = field(default_factory=dict)
    records: int = 0
    duplicates: int = 0
    unreadable: int = 0
    conflicts: list[UUID] = field(default_factory=list)
    keeps_from: datetime | None = None


async def decisions(bootstrap_servers: str, scope: Scope) -> OnKafka:
    """Read the outcomes from the first that is kept to the last that there is now."""
    found = OnKafka()
    consumer = AIOKafkaConsumer(  # without a group it is given every partition, and commits nothing
        topics.REDEMPTIONS.name, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        first = await consumer.beginning_offsets(partitions)
        end = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        open_ = {partition for partition in partitions if first[partition] < end[partition]}
        consumer.pause(*set(partitions) - open_)
        oldest: dict[TopicPartition, int] = {}
        while open_:
            batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
            for partition, records in batches.items():
                for record in records:
                    if record.offset >= end[partition]:
                        break
                    oldest.setdefault(partition, record.timestamp)
                    _take(found, record.value, scope)
            for partition in list(open_):
                if await consumer.position(partition) >= end[partition]:
                    open_.discard(partition)
        cut = [oldest[partition] for partition in oldest if first[partition] > 0]
        if cut:
            found.keeps_from = datetime.fromtimestamp(max(cut) / 1000, UTC)
    finally:
        await consumer.stop()
    return found


def _take(found: OnKafka, value: bytes | None, scope: Scope) -> None:
    found.records += 1
    try:
        event_id, fact, decided_at = of_event(orjson.loads(value or b""))
    except (KeyError, TypeError, ValueError):
        found.unreadable += 1
        return
    if scope.project_id not in (None, fact.project_id):
        return
    if decided_at >= scope.until:
        return
    known = found.facts.setdefault(event_id, fact)
    if known is not fact:
        found.duplicates += 1
        if known != fact:
            found.conflicts.append(event_id)
