"""How often an idle subscription asks, and that nobody waits longer for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from statistics import median

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from conftest import MakeTopic

from servicekit.kafka import idling
from servicekit.kafka.connection import Kafka
from servicekit.kafka.idling import IDLE_MS, let_rest

BUSY_MS = 20


@asynccontextmanager
async def consuming(kafka: Kafka, *partitions: TopicPartition) -> AsyncIterator[AIOKafkaConsumer]:
    let_rest()
    consumer = AIOKafkaConsumer(
        **kafka.options(), auto_offset_reset="earliest", fetch_max_wait_ms=BUSY_MS
    )
    async with consumer:
        consumer.assign(partitions)
        assert not await consumer.getmany(timeout_ms=2 * IDLE_MS)
        yield consumer


async def waits(consumer: AIOKafkaConsumer, partition: TopicPartition, number: int) -> list[int]:
    """Return the milliseconds between so many answers of the broker about a partition.

    A busy machine makes some longer, and none shorter than what was asked for.
    """
    seen: list[int] = []
    while len(seen) <= number:
        await asyncio.sleep(0.002)
        at = consumer.last_poll_timestamp(partition)
        if at and at not in seen[-1:]:
            seen.append(at)
    return [later - earlier for earlier, later in pairwise(seen)]


async def test_an_idle_subscription_asks_a_few_times_a_second(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    partition = TopicPartition(await kafka_topic("idle"), 0)

    async with consuming(kafka_servers, partition) as consumer:
        waited = await waits(consumer, partition, 3)

    assert min(waited) >= 0.9 * IDLE_MS


async def test_a_record_ends_the_wait_whatever_partition_it_is_in(
    kafka_servers: Kafka, kafka_topic: MakeTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idling, "IDLE_MS", 30_000)  # nobody would have that patience
    topic = await kafka_topic("idle", partitions=3)
    partitions = [TopicPartition(topic, number) for number in range(3)]

    async with (
        consuming(kafka_servers, *partitions) as consumer,
        AIOKafkaProducer(**kafka_servers.options()) as producer,
    ):
        for partition in [*partitions, *partitions]:
            await consumer.getmany(timeout_ms=BUSY_MS)
            await producer.send_and_wait(topic, b"a record", partition=partition.partition)
            assert partition in await consumer.getmany(timeout_ms=15_000)


async def test_what_is_asked_of_some_partitions_alone_keeps_the_others_waiting_for_a_moment(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    topic = await kafka_topic("half", partitions=2)
    taken_late, idle = (TopicPartition(topic, number) for number in range(2))

    async with (
        consuming(kafka_servers, taken_late, idle) as consumer,
        AIOKafkaProducer(**kafka_servers.options()) as producer,
    ):
        await producer.send_and_wait(topic, b"not taken yet", partition=taken_late.partition)
        while_one_has_records = await waits(consumer, idle, 15)

        assert taken_late in await consumer.getmany()
        consumer.pause(taken_late)
        while_one_is_held = await waits(consumer, idle, 15)

    assert median(while_one_has_records) < IDLE_MS / 2
    assert median(while_one_is_held) < IDLE_MS / 2
