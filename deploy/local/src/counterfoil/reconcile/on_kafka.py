"""What the topic of outcomes holds."""

from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts import topics
from counterfoil.reconcile.facts import (
    MODULO,
    Fact,
    Group,
    Scope,
    Sums,
    Totals,
    hashed,
    of_event,
    terms,
)
from counterfoil.reconcile.rows import Row
from servicekit.kafka.connection import Kafka
from servicekit.kafka.distrust import distrust
from servicekit.kafka.reading import parsed

POLL_MILLISECONDS = 1000
REMEMBERED = 50_000  # records of a partition, at least, within which a repeat is known as one


@dataclass(slots=True)
class OnKafka:
    """What the topic holds, added up; far repeats are still in the sums."""

    sums: dict[Group, Sums] = field(default_factory=dict)
    records: int = 0
    in_scope: int = 0
    unreadable: int = 0


class Recent:
    """Remembers the last of many numbers, in bounded room."""

    def __init__(self) -> None:
        self._new: set[int] = set()
        self._old: set[int] = set()

    def seen(self, number: int) -> bool:
        """Say whether this number was here lately; from now on it was."""
        if number in self._new or number in self._old:
            return True
        self._new.add(number)
        if len(self._new) >= REMEMBERED:
            self._new, self._old = set(), self._new
        return False


async def kept_from(kafka: Kafka) -> datetime | None:
    """Tell since when the topic lacks nothing; None as long as nothing was ever deleted from it.

    A partition that holds nothing any more does not tell until when it held something: until now.
    """
    async with _reading(kafka) as (consumer, first, end):
        cut = [p for p in end if first[p] > 0]
        if any(first[p] == end[p] for p in cut):
            return datetime.now(UTC)
        oldest = [(await consumer.getone(partition)).timestamp for partition in cut]
    return datetime.fromtimestamp(max(oldest) / 1000, UTC) if oldest else None


async def sums(kafka: Kafka, scope: Scope) -> OnKafka:
    """Add up the outcomes from the first that is kept to the last that there is now.

    A relay that crashed sends again what it had just sent: repeats are near, and known by their
    hash. One that is not recognised makes the sums of its group differ, and is found one by one.
    """
    found = OnKafka()
    recent: defaultdict[TopicPartition, Recent] = defaultdict(Recent)
    async with aclosing(_records(kafka)) as records:
        async for partition, record in records:
            found.records += 1
            try:
                event_id, fact, decided_at = of_event(orjson.loads(parsed(record).value or b""))
            except (KeyError, TypeError, ValueError):
                found.unreadable += 1
                continue
            if not _is_in(scope, fact, decided_at):
                continue
            found.in_scope += 1
            number = hashed(event_id, fact)
            if recent[partition].seen((number + terms(fact)) % MODULO):
                continue
            group = Group(fact.project_id, fact.partner_id, fact.day, scope.is_kept(decided_at))
            if (of_group := found.sums.get(group)) is None:
                of_group = found.sums[group] = Sums(Totals())
            of_group.count(fact, number)
    return found


async def rows(kafka: Kafka, scope: Scope, groups: Collection[Group]) -> AsyncGenerator[Row, None]:
    """Read the outcomes of these groups, in no order."""
    async with aclosing(_records(kafka)) as records:
        async for _, record in records:
            try:
                event_id, fact, decided_at = of_event(orjson.loads(parsed(record).value or b""))
            except (KeyError, TypeError, ValueError):
                continue  # counted with the sums
            if _is_in(scope, fact, decided_at):
                kept = scope.is_kept(decided_at)
                if Group(fact.project_id, fact.partner_id, fact.day, kept) in groups:
                    yield Row(event_id, fact, kept)


def _is_in(scope: Scope, fact: Fact, decided_at: datetime) -> bool:
    return decided_at < scope.until and scope.project_id in (None, fact.project_id)


async def _records(
    kafka: Kafka,
) -> AsyncGenerator[tuple[TopicPartition, ConsumerRecord], None]:
    async with _reading(kafka) as (consumer, first, end):
        open_ = {partition for partition in end if first[partition] < end[partition]}
        consumer.pause(*end.keys() - open_)
        while open_:
            batches = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
            for partition, records in batches.items():
                for record in records:
                    if record.offset < end[partition]:
                        yield partition, record
            for partition in list(open_):
                if await consumer.position(partition) >= end[partition]:
                    open_.discard(partition)
                    consumer.pause(partition)


@asynccontextmanager
async def _reading(
    kafka: Kafka,
) -> AsyncIterator[tuple[AIOKafkaConsumer, dict[TopicPartition, int], dict[TopicPartition, int]]]:
    """Stand at the beginning of every partition; give the first and the next offset of each."""
    distrust()
    consumer = AIOKafkaConsumer(  # without a group it is given every partition, and commits nothing
        topics.REDEMPTIONS.name, **kafka.options(), auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        first = await consumer.beginning_offsets(partitions)
        end = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        yield consumer, first, end
    finally:
        await consumer.stop()
