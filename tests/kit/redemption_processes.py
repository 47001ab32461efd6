"""The roles as real processes, and Kafka as their world sees it."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from kit import engines, groups, service_process, tokens
from kit.service_process import ServiceProcess
from servicekit.kafka.connection import Kafka

GROUPS = ("redemption", "redemption-snapshots")


@contextlib.asynccontextmanager
async def running(
    name: str,
    folder: Path,
    dsn: str,
    kafka: Kafka = engines.NO_KAFKA,
    *,
    program: str | None = None,
) -> AsyncIterator[ServiceProcess]:
    """Run a role, which is `redemption` on Kafka; it may not be ready yet.

    `program` is Python code to run in its place.
    """
    environment = {
        "REDEMPTION_POSTGRES_DSN": dsn,
        **engines.acting_as(kafka, "redemption").environment(),
        "CUSTOMER_ID_KEY": "the key of this installation",
        **tokens.environment(),
    }
    async with service_process.running(
        "redemption", name, folder, environment, program=program
    ) as role:
        yield role


class Outside:
    """What checkouts send and readers find."""

    def __init__(self, operator: Kafka) -> None:
        self.operator = operator

    async def send(self, topic: str, *values: bytes | None, key: bytes | None = b"key") -> None:
        async with self.producing() as producer:
            for value in values:
                await producer.send(topic, value, key=key)

    @contextlib.asynccontextmanager
    async def producing(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(**self.operator.options(), max_request_size=4_000_000)
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def ends(self, topics: Iterable[str]) -> dict[TopicPartition, int]:
        """Return where each partition ends now: a bookmark to read on from."""
        async with self._consumer() as consumer:
            return await self._ends(consumer, topics)

    async def since(self, bookmark: dict[TopicPartition, int]) -> list[ConsumerRecord]:
        """Return the records that were written after a bookmark, per partition in order."""
        async with self._consumer() as consumer:
            ends = await self._ends(consumer, {partition.topic for partition in bookmark})
            consumer.assign(list(bookmark))
            found: list[ConsumerRecord] = []
            for partition, start in bookmark.items():
                consumer.seek(partition, start)
            positions = bookmark
            while any(position < ends[p] for p, position in positions.items()):
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    found += batch
                positions = {p: await consumer.position(p) for p in bookmark}
            return found

    async def committed(self, group: str) -> dict[TopicPartition, int]:
        async with self._admin() as admin:
            offsets = await admin.list_consumer_group_offsets(group)
        return {partition: meta.offset for partition, meta in offsets.items()}

    async def caught_up(self, group: str, topics: Sequence[str]) -> bool:
        """Tell whether a group has committed everything that these topics hold."""
        ends, committed = await self.ends(topics), await self.committed(group)
        return all(committed.get(p, 0) >= end for p, end in ends.items())

    async def rewind(self, group: str, bookmark: dict[TopicPartition, int]) -> None:
        """Make a group without members read on from a bookmark."""
        async with self._consumer(group) as consumer:
            consumer.assign(list(bookmark))
            await consumer.commit(bookmark)

    async def members(self) -> list[tuple[str, str]]:
        """Return (group, member) of every worker that the broker believes in."""
        return await groups.members(self.operator, GROUPS)

    async def bury(self) -> None:
        """Tell the broker that killed workers are gone; it would wait out their sessions."""
        await groups.bury(self.operator, GROUPS)

    @contextlib.asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**self.operator.options())
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    @contextlib.asynccontextmanager
    async def _consumer(self, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            **self.operator.options(), group_id=group, enable_auto_commit=False
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def _ends(
        self, consumer: AIOKafkaConsumer, topics: Iterable[str]
    ) -> dict[TopicPartition, int]:
        cluster = await consumer._client.fetch_all_metadata()
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            for number in cluster.partitions_for_topic(topic) or ()
        ]
        ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
        return ends
