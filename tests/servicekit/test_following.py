"""A table in memory, fed by a topic: everything that was there, then everything that comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from kit.patience import until_true

from servicekit.kafka.connection import Kafka
from servicekit.kafka.following import follow
from servicekit.lifecycle import background_task

MakeTopic = Callable[..., Awaitable[str]]

AWAY = Kafka("127.0.0.1:1", "PLAINTEXT")


@pytest.fixture
async def producer(kafka_servers: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(**kafka_servers.options())
    await producer.start()
    yield producer
    await producer.stop()


async def test_what_was_there_is_handed_over_before_it_counts_as_caught_up_and_then_what_comes(
    kafka_servers: Kafka, kafka_topic: MakeTopic, producer: AIOKafkaProducer
) -> None:
    topic = await kafka_topic("followed", partitions=2)
    for number in range(20):
        await producer.send_and_wait(topic, b"%d" % number, partition=number % 2)
    taken: list[ConsumerRecord] = []
    caught_up = asyncio.Event()

    async with background_task(follow(kafka_servers, topic, taken.append, caught_up)):
        await asyncio.wait_for(caught_up.wait(), 20)
        assert {record.value for record in taken} == {b"%d" % number for number in range(20)}

        await producer.send_and_wait(topic, b"new", partition=1)
        await until_true(lambda: taken[-1].value == b"new")


async def test_a_topic_without_a_record_is_read_to_its_end_at_once(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    topic = await kafka_topic("followed")
    caught_up = asyncio.Event()
    async with background_task(follow(kafka_servers, topic, lambda _: None, caught_up)):
        await asyncio.wait_for(caught_up.wait(), 20)


async def test_while_kafka_is_away_nothing_counts_as_read() -> None:
    caught_up = asyncio.Event()
    async with background_task(follow(AWAY, "followed", lambda _: None, caught_up)):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(caught_up.wait(), 0.2)
