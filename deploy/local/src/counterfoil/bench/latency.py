"""How long one request waits for its answer, at a rate that the platform bears easily."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts import topics
from contracts.ids import uuid7
from counterfoil.bench.load import requests
from counterfoil.bench.path import Say, naive_consumer, spare_topic, steady
from counterfoil.bench.stage import PARTITIONS, Scene
from counterfoil.platform import Platform
from servicekit.kafka.connection import Kafka

SECONDS = 10
PATIENCE_SECONDS = 60


class Waits(NamedTuple):
    """Milliseconds from append to the outcome on Kafka."""

    p50: float
    p99: float


class Through(NamedTuple):
    """Where requests go in, and where their outcomes come out."""

    platform: Platform
    scene: Scene
    vendor: Kafka
    topic: str
    outcomes: str


async def latency(platform: Platform, scene: Scene, per_second: float, say: Say) -> Waits:
    """Measure the platform at this rate."""
    through = Through(platform, scene, scene.vendor, scene.topic, topics.REDEMPTIONS.name)
    return await _measure(through, per_second, say)


async def naive_latency(platform: Platform, scene: Scene, per_second: float, say: Say) -> Waits:
    """Measure the naive consumer at a rate that it bears, on a topic without a backlog."""
    name = f"bench.naive-requests.{scene.project_id}"
    async with (
        spare_topic(platform, name) as topic,
        naive_consumer(platform, scene, topic) as outcomes,
    ):
        return await _measure(
            Through(platform, scene, platform.kafka, topic, outcomes), per_second, say
        )


async def _measure(through: Through, per_second: float, say: Say) -> Waits:
    platform, scene, vendor, topic, outcomes = through
    run = f"steady-{uuid7()}"
    warm = max(10, int(per_second))  # the first second warms up, and waits for the consumer
    count = int(per_second * SECONDS) + warm
    wanted = requests(scene.project_id, run, scene.load, count)
    async with _answers(platform, outcomes, run) as answered:
        await steady(vendor, topic, wanted[:warm], per_second)
        await _all(answered, warm, say)
        appended = await steady(vendor, topic, wanted[warm:], per_second)
        await _all(answered, count, say)
    waits = sorted((answered[warm + n] - at) * 1000 for n, at in appended.items())
    return Waits(waits[len(waits) // 2], waits[len(waits) * 99 // 100])


async def _all(answered: dict[int, float], count: int, say: Say) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(answered) < count:
            say("waiting for answers", len(answered), count)
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _answers(platform: Platform, outcomes: str, run: str) -> AsyncIterator[dict[int, float]]:
    """Note when the answer to each request of the run arrived, by its number."""
    consumer = AIOKafkaConsumer(**platform.kafka.options())
    await consumer.start()
    consumer.assign([TopicPartition(outcomes, p) for p in range(PARTITIONS)])
    await consumer.seek_to_end()
    for partition in consumer.assignment():
        await consumer.position(partition)
    arrived: dict[int, float] = {}

    async def read() -> None:
        async for record in consumer:
            outcome = orjson.loads(record.value)
            request_id = str((outcome.get("data") or outcome).get("request_id"))
            if request_id.startswith(f"{run}-"):
                arrived.setdefault(int(request_id.rpartition("-")[2]), time.time())

    reading = asyncio.create_task(read())
    try:
        yield arrived
    finally:
        reading.cancel()
        await asyncio.wait([reading])
        await consumer.stop()
