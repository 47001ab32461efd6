"""The dead-letter topics on Kafka: which there are, what they hold, what was replayed of it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError
from aiokafka.structs import OffsetAndMetadata

from counterfoil import partitions
from counterfoil.dlq.letters import NAME, Letter, of_record
from counterfoil.dlq.replayed import Replayed, parse
from counterfoil.errors import PlatformError
from counterfoil.hints import named_by_shell, typed
from counterfoil.partitions import Kept
from servicekit.kafka.connection import Kafka

GROUP = "counterfoil-dlq"  # reads nothing: its committed offsets say what was replayed
COORDINATOR_SECONDS = 30.0

T = TypeVar("T")


class Pile(NamedTuple):
    """One dead-letter topic: how many letters, how many of them were replayed, the newest."""

    topic: str
    letters: int
    replayed: int
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """All dead letters of a Kafka."""

    kafka: Kafka
    consumer: AIOKafkaConsumer
    admin: AIOKafkaAdminClient

    async def topics(self) -> list[str]:
        return sorted(name for name in await self.consumer.topics() if NAME.match(name))

    async def partitions(self, topic: str) -> dict[TopicPartition, Kept]:
        """Return what is kept of each partition of a dead-letter topic."""
        if topic not in await self.topics():
            raise PlatformError(
                f"{topic} is no dead-letter topic here: `{typed('dlq list')}` names them"
                f"{named_by_shell()}"
            )
        return await self.kept(await self.partitions_of(topic))

    async def partitions_of(self, topic: str) -> list[TopicPartition]:
        """Return the partitions of any topic, none where there is no such topic."""
        if topic not in await self.consumer.topics():
            return []
        [described] = await self.admin.describe_topics([topic])
        numbers = sorted(each["partition"] for each in described["partitions"])
        return [TopicPartition(topic, number) for number in numbers]

    async def kept(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Kept]:
        first = await self.consumer.beginning_offsets(partitions)
        end = await self.consumer.end_offsets(partitions)
        return {partition: Kept(first[partition], end[partition]) for partition in partitions}

    async def pile(self, topic: str) -> Pile:
        letters = replayed = 0
        newest: list[datetime] = []
        for partition, kept in (await self.partitions(topic)).items():
            done = await self.replayed(partition, kept)
            letters += kept.end - kept.first
            replayed += sum(offset in done for offset in range(kept.first, kept.end))
            if kept.end > kept.first:
                newest.append((await self.letter(partition, kept.end - 1)).at)
        return Pile(topic, letters, replayed, max(newest, default=None))

    async def newest(self, topic: str, limit: int) -> list[Letter]:
        """Return the newest letters of a topic, the newest first."""
        letters: list[Letter] = []
        for partition, kept in (await self.partitions(topic)).items():
            between = Kept(max(kept.first, kept.end - limit), kept.end)
            if between.first < between.end:
                async with aclosing(self.records(partition, between)) as records:
                    letters += [of_record(record) async for record in records]
        # Letters of one moment too: of a partition the last one is the newest.
        letters.sort(key=lambda letter: (letter.at, letter.offset), reverse=True)
        return letters[:limit]

    async def letter(self, partition: TopicPartition, offset: int) -> Letter:
        record = await self.record(partition, offset)
        if record is None:
            raise PlatformError(
                f"there is no letter at offset {offset} of partition {partition.partition} "
                f"of {partition.topic}"
            )
        return of_record(record)

    async def record(self, partition: TopicPartition, offset: int) -> ConsumerRecord | None:
        """Return the record at exactly this offset, or None where Kafka has none (any more)."""
        if partition not in await self.partitions_of(partition.topic):
            return None
        kept = (await self.kept([partition]))[partition]
        if not kept.first <= offset < kept.end:
            return None
        async with aclosing(self.records(partition, Kept(offset, offset + 1))) as records:
            return await anext(records, None)

    def records(
        self, partition: TopicPartition, between: Kept
    ) -> AsyncGenerator[ConsumerRecord, None]:
        """Read a partition between two offsets."""
        return partitions.records(self.kafka, partition, between)

    async def replayed(self, partition: TopicPartition, kept: Kept) -> Replayed:
        committed = await self.committed(GROUP, partition)
        return parse(
            committed.offset if committed else 0,
            committed.metadata if committed else "",
            kept.first,
        )

    async def committed(self, group: str, partition: TopicPartition) -> OffsetAndMetadata | None:
        """Return what a group has committed there."""
        found = await self._once_coordinated(
            lambda: self.admin.list_consumer_group_offsets(group, partitions=[partition])
        )
        at = found.get(partition)
        return at if at is not None and at.offset >= 0 else None

    async def state(self, group: str) -> str:
        """Return Kafka's word for how a group is: `Empty` and `Dead` have no members."""
        [described] = await self._once_coordinated(
            lambda: self.admin.describe_consumer_groups([group])
        )
        [(_, _, state, *_)] = described.groups
        return str(state)

    async def _once_coordinated(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask again while Kafka makes up its mind who answers for groups."""
        async with asyncio.timeout(COORDINATOR_SECONDS):
            while True:
                try:
                    return await ask()
                except (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError):
                    await asyncio.sleep(0.2)


@asynccontextmanager
async def opened(kafka: Kafka) -> AsyncIterator[Shelf]:
    consumer, admin = partitions.reader(kafka), AIOKafkaAdminClient(**kafka.options())
    try:
        await consumer.start()
        await admin.start()
        yield Shelf(kafka, consumer, admin)
    finally:
        await admin.close()
        await consumer.stop()
