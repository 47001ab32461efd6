"""A table in memory, fed by a topic: everything that was there, then everything that comes."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, ClassVar

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from confluent_kafka import Producer
from kit.patience import until_true

from servicekit.kafka import following
from servicekit.kafka.connection import Kafka
from servicekit.kafka.following import Freshness, follow
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
    freshness = Freshness("followed")

    async with background_task(follow(kafka_servers, topic, taken.append, freshness)):
        await asyncio.wait_for(freshness.caught_up.wait(), 60)
        assert {record.value for record in taken} == {b"%d" % number for number in range(20)}

        await producer.send_and_wait(topic, b"new", partition=1)
        await until_true(lambda: taken[-1].value == b"new")
        assert await freshness.probe() is None


async def test_a_topic_without_a_record_is_read_to_its_end_at_once(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    topic = await kafka_topic("followed")
    freshness = Freshness("followed")
    async with background_task(follow(kafka_servers, topic, lambda _: None, freshness)):
        await asyncio.wait_for(freshness.caught_up.wait(), 60)


async def test_while_kafka_is_away_nothing_counts_as_read() -> None:
    freshness = Freshness("followed")
    async with background_task(follow(AWAY, "followed", lambda _: None, freshness)):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(freshness.caught_up.wait(), 0.2)
        assert await freshness.probe() == "not read yet"


class Connected:
    """What a consumer holds on to its broker by."""

    async def close(self) -> None: ...


class Zombie:
    """A consumer that was answered once and never notices that it is not answered any more."""

    made: ClassVar[int] = 0

    def __init__(self, *_topics: str, **_options: object) -> None:
        Zombie.made += 1
        self._client = Connected()
        self._answered_ms = int(time.time() * 1000)

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition("followed", 0)}

    async def end_offsets(self, partitions: set[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def position(self, _partition: TopicPartition) -> int:
        return 0

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        await asyncio.sleep(timeout_ms / 1e6)
        return {}

    def last_poll_timestamp(self, _partition: TopicPartition) -> int:
        return self._answered_ms


async def test_who_gets_no_answers_says_that_it_is_stale_and_makes_way_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "AIOKafkaConsumer", Zombie)
    monkeypatch.setattr(following, "SILENCE_SECONDS", 0.02)
    monkeypatch.setattr(following, "RETRY_SECONDS", 0.2)
    freshness, before = Freshness("followed"), Zombie.made
    async with background_task(follow(AWAY, "followed", lambda _: None, freshness)):
        await until_true(freshness.caught_up.is_set)
        assert await freshness.probe() is None
        monkeypatch.setattr(following, "STALE_SECONDS", 0.05)
        await until_true(lambda: freshness.age > following.STALE_SECONDS)
        assert str(await freshness.probe()).startswith("stale")
        await until_true(lambda: Zombie.made > before + 1)
        assert freshness.stuck_reason() is None  # it tries


@pytest.mark.parametrize("unanswered", ["start", "end_offsets"])
async def test_who_is_not_answered_at_the_start_makes_way_too(
    monkeypatch: pytest.MonkeyPatch, unanswered: str
) -> None:
    async def wait_for_ever(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(following, "AIOKafkaConsumer", Zombie)
    monkeypatch.setattr(Zombie, unanswered, wait_for_ever)
    monkeypatch.setattr(following, "SILENCE_SECONDS", 0.02)
    monkeypatch.setattr(following, "RETRY_SECONDS", 0.01)
    before = Zombie.made
    async with background_task(follow(AWAY, "followed", lambda _: None, Freshness("followed"))):
        await until_true(lambda: Zombie.made > before + 1)


async def test_a_broker_that_goes_for_longer_is_sought_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """aiokafka's own: while a fetch waits to be repeated, its `stop` raises CancelledError."""
    made: list[AIOKafkaConsumer] = []

    def consumer(*topics: str, **options: Any) -> AIOKafkaConsumer:
        made.append(AIOKafkaConsumer(*topics, **options))
        return made[-1]

    monkeypatch.setattr(following, "AIOKafkaConsumer", consumer)
    monkeypatch.setattr(following, "SILENCE_SECONDS", 0.5)
    monkeypatch.setattr(following, "RETRY_SECONDS", 0.01)
    broker = Producer({"bootstrap.servers": AWAY.servers, "test.mock.num.brokers": 1})
    (found,) = broker.list_topics("followed", timeout=10).brokers.values()
    there = Kafka(f"{found.host}:{found.port}", "PLAINTEXT")
    freshness = Freshness("followed")
    before = asyncio.all_tasks()
    task = asyncio.create_task(follow(there, "followed", lambda _: None, freshness))
    try:
        await asyncio.wait_for(freshness.caught_up.wait(), 60)
        del broker
        await until_true(lambda: task.done() or len(made) > 2)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert asyncio.all_tasks() == before  # nobody stays connected


class Unsettled(Zombie):
    """A consumer of a broker that has just started, and knows no topic for a moment."""

    async def getmany(self, *, timeout_ms: int) -> dict[TopicPartition, list[ConsumerRecord]]:
        self._assigned = set[TopicPartition]()
        return await super().getmany(timeout_ms=timeout_ms)

    def assignment(self) -> set[TopicPartition]:
        return getattr(self, "_assigned", super().assignment())

    def last_poll_timestamp(self, partition: TopicPartition) -> int:
        assert partition in self.assignment()  # as aiokafka does
        return super().last_poll_timestamp(partition)


async def test_a_broker_that_knows_the_topic_no_more_is_asked_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "AIOKafkaConsumer", Unsettled)
    monkeypatch.setattr(following, "RETRY_SECONDS", 0.01)
    before = Zombie.made
    task = asyncio.create_task(follow(AWAY, "followed", lambda _: None, Freshness("followed")))
    try:
        await until_true(lambda: task.done() or Zombie.made > before + 1)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])


def test_who_does_not_even_try_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    freshness, now = Freshness("followed"), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 1_000)
    assert "following followed" in str(freshness.stuck_reason())
