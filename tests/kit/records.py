"""What is on Kafka: dead letters, the ends of topics, what groups have not read yet."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from counterfoil.bench.odd_batches import a_batch, a_record, append
from servicekit.kafka.connection import Kafka

Ends = dict[TopicPartition, int]


@asynccontextmanager
async def reader(kafka: Kafka) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **kafka.options(), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def partitions(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    cluster = await consumer._client.fetch_all_metadata()
    return [TopicPartition(topic, number) for number in sorted(cluster.partitions_for_topic(topic))]


async def ends(kafka: Kafka, topics: Iterable[str]) -> Ends:
    """Return where each partition of these topics ends now."""
    async with reader(kafka) as consumer:
        parts = [part for topic in topics for part in await partitions(consumer, topic)]
        return dict(await consumer.end_offsets(parts))


async def since(
    kafka: Kafka, starts: Ends, number: int, seconds: float = 30
) -> list[ConsumerRecord]:
    """Return what was appended after these offsets, once it is so many records or more."""
    found: list[ConsumerRecord] = []
    async with reader(kafka) as consumer:
        consumer.assign(list(starts))
        for part, offset in starts.items():
            consumer.seek(part, offset)
        try:
            async with asyncio.timeout(seconds):
                while len(found) < number:
                    for batch in (await consumer.getmany(timeout_ms=200)).values():
                        found.extend(batch)
        except TimeoutError:
            raise AssertionError(f"{len(found)} of {number} records within {seconds} s") from None
        # What came too often would be here by now.
        for batch in (await consumer.getmany(timeout_ms=500)).values():
            found.extend(batch)
    return found


async def everything_since(kafka: Kafka, starts: Ends) -> list[ConsumerRecord]:
    """Return what was appended after these offsets until now."""
    found: list[ConsumerRecord] = []
    async with reader(kafka) as consumer:
        end = await consumer.end_offsets(list(starts))
        behind = [part for part, offset in starts.items() if offset < end[part]]
        consumer.assign(behind)
        for part in behind:
            consumer.seek(part, starts[part])
        async with asyncio.timeout(60):
            while any([await consumer.position(part) < end[part] for part in behind]):
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    found.extend(batch)
    return found


async def dead_letters(kafka: Kafka, topic: str, number: int) -> list[ConsumerRecord]:
    """Return all dead letters of a topic, once there are so many."""
    async with reader(kafka) as consumer:
        starts = dict.fromkeys(await partitions(consumer, topic), 0)
    return await since(kafka, starts, number)


async def lag(kafka: Kafka, groups: Iterable[str]) -> int:
    """Count the records that these groups have not committed, of every topic that they read."""
    admin = AIOKafkaAdminClient(**kafka.options())
    await admin.start()
    try:
        waiting = 0
        async with reader(kafka) as consumer:
            for group in groups:
                committed = await admin.list_consumer_group_offsets(group)
                end = await consumer.end_offsets(list(committed))
                waiting += sum(end[part] - at.offset for part, at in committed.items())
        return waiting
    finally:
        await admin.close()


async def produce_unparsable(
    kafka: Kafka, topic: str, partition: int = 0, *, before: int = 0, behind: int = 0
) -> None:
    """Write what Kafka takes and aiokafka cannot parse: a header whose name is not text.

    In one batch with so many good records before and behind it.
    """
    odd = [(b"\xff", b"")]
    headers = [*[[]] * before, odd, *[[]] * behind]
    records = (a_record(number, headers=each) for number, each in enumerate(headers))
    await append(kafka, topic, a_batch(*records), partition=partition)
