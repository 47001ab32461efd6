"""How often an idle subscription asks, and that nobody waits longer for it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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


async def answers(consumer: AIOKafkaConsumer, partition: TopicPartition, seconds: float) -> int:
    """Count the broker's answers about a partition."""
    seen = set()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(0.002)
        seen.add(consumer.last_poll_timestamp(partition))
    return len(seen) - 1


async def test_an_idle_subscription_asks_a_few_times_a_second(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    partition = TopicPartition(await kafka_topic("idle"), 0)

    async with consuming(kafka_servers, partition) as consumer:
        asked = await answers(consumer, partition, 2 * IDLE_MS / 1000)

    assert 1 <= asked <= 3


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
        asked_while_one_has_records = await answers(consumer, idle, 0.5)

        assert taken_late in await consumer.getmany()
        consumer.pause(taken_late)
        asked_while_one_is_held = await answers(consumer, idle, 0.5)

    most_if_long = 500 / IDLE_MS + 1
    assert asked_while_one_has_records > 2 * most_if_long
    assert asked_while_one_is_held > 2 * most_if_long
