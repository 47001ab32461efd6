"""Which records of a real broker a handler gets first."""

import gc
import weakref
from typing import Any
from unittest.mock import AsyncMock

from aiokafka import AIOKafkaConsumer, TopicPartition
from conftest import MakeTopic
from faststream.kafka import KafkaRouter
from kit.engines import NO_KAFKA

from counterfoil.bench.odd_batches import a_batch, a_record, append
from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.broker import consuming, subscribing
from servicekit.kafka.connection import Kafka
from servicekit.kafka.consumer_health import ConsumerHealth
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.fetching import Tuning, fetch_by
from servicekit.metrics import Metrics


async def test_a_partition_that_is_far_behind_keeps_no_other_waiting(
    kafka_servers: Kafka, kafka_topic: MakeTopic
) -> None:
    topic = await kafka_topic("requests", partitions=3)
    thousand = a_batch(*map(a_record, range(1000)))
    for partition in range(3):
        await append(kafka_servers, topic, thousand, partition=partition)
    fetch = fetch_by(Tuning(max_records=120, poll_ms=10_000))

    consumer = AIOKafkaConsumer(
        **kafka_servers.options(), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    async with consumer:
        consumer.assign([TopicPartition(topic, partition) for partition in range(3)])
        found = [await fetch(consumer) for _ in range(25)]

    assert [{r.partition for r in records} for records in found[:20]] == [{0, 1, 2}] * 20
    for partition in range(3):
        offsets = [r.offset for records in found for r in records if r.partition == partition]
        assert offsets == [*range(1000)]


async def test_what_a_batch_leaves_is_collected_before_the_next() -> None:
    """A hundred thousand dead objects at once stopped a worker, and with it a switch, for 0.9 s."""

    class Cycle:
        def __init__(self) -> None:
            self.itself = self

    nothing: Any = AsyncMock(getmany=AsyncMock(return_value={}))
    gc.disable()
    try:
        left = weakref.ref(Cycle())
        assert left() is not None
        await fetch_by(Tuning())(nothing)
        assert left() is None
    finally:
        gc.enable()


async def test_no_collection_begins_in_the_middle_of_a_batch() -> None:
    metrics, before = Metrics("tests", "worker"), gc.get_threshold()
    health = ConsumerHealth(metrics, kafka_answers(NO_KAFKA))
    begun: list[str] = []

    def note(phase: str, _facts: dict[str, int]) -> None:
        begun.append(phase)

    gc.callbacks.append(note)
    try:
        async with consuming(
            lambda: subscribing(NO_KAFKA, KafkaRouter()),
            health,
            DeadLetters(NO_KAFKA, "tests", metrics),
        ):
            gc.collect()
            begun.clear()
            batch = [[number] for number in range(100_000)]
            assert (len(batch), begun) == (100_000, [])
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*before)
