"""The whole path under load: from append to decided, and to counted in ClickHouse."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg
import clickhouse_connect
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts import topics
from counterfoil.bench import naive
from counterfoil.bench.load import Wanted, append, requests
from counterfoil.bench.stage import PARTITIONS, Scene
from counterfoil.platform import Platform
from servicekit.kafka.connection import Kafka

POLL_SECONDS = 0.1
LIMIT_SECONDS = 300
NAIVE_SECONDS = 12.0
STOP_SECONDS = 30
WARM_UP = 5_000
TICK_SECONDS = 0.004

Say = Callable[[str, int, int], None]  # what is going on, done, of how many


class Rates(NamedTuple):
    """Per second, from the first append: decided in the ledger, told on Kafka, in ClickHouse."""

    decided: float
    on_kafka: float
    in_clickhouse: float


async def throughput(platform: Platform, scene: Scene, count: int, say: Say) -> Rates:
    """Drive `count` requests through the platform and time both ends."""
    async with producing(scene.vendor) as producer, _counting(platform, scene) as counting:
        warm = requests(scene.project_id, "warm", scene.load, WARM_UP)
        await append(producer, scene.topic, warm)
        await _until(counting.in_clickhouse, WARM_UP, lambda n: say("warming up", n, WARM_UP))

        told = await counting.on_kafka()
        wanted = requests(scene.project_id, "run", scene.load, count)
        began = time.perf_counter()
        appending = asyncio.create_task(append(producer, scene.topic, wanted))
        await _until(
            counting.decided, WARM_UP + count, lambda n: say("deciding", n - WARM_UP, count)
        )
        decided = time.perf_counter()
        await _until(counting.on_kafka, told + count, lambda n: say("telling", n - told, count))
        on_kafka = time.perf_counter()
        await _until(
            counting.in_clickhouse,
            WARM_UP + count,
            lambda n: say("reaching ClickHouse", n - WARM_UP, count),
        )
        counted = time.perf_counter()
        await appending
    ends = (decided, on_kafka, counted)
    return Rates(*(count / (end - began) for end in ends))


async def naive_throughput(platform: Platform, scene: Scene, say: Say) -> float:
    """Let the naive consumer read the same topic from its beginning, and return its rate."""
    async with naive_consumer(platform, scene, scene.topic):
        first = await _until(
            lambda: naive.decided(platform.migrations["redemption"]), 50, lambda _: None
        )
        began = time.perf_counter()
        while (passed := time.perf_counter() - began) < NAIVE_SECONDS:
            say("the naive consumer", int(passed), int(NAIVE_SECONDS))
            await asyncio.sleep(0.5)
        last = await naive.decided(platform.migrations["redemption"])
        return (last - first) / (time.perf_counter() - began)


@asynccontextmanager
async def naive_consumer(platform: Platform, scene: Scene, topic: str) -> AsyncIterator[str]:
    """Run the naive consumer on a topic; give the topic where its outcomes arrive."""
    async with spare_topic(platform, f"bench.naive-outcomes.{scene.project_id}") as outcomes:
        await naive.prepare(platform.migrations["redemption"], scene.campaigns)
        command = [sys.executable, "-m", naive.__name__, topic, outcomes]
        process = await asyncio.create_subprocess_exec(
            *command,
            env=os.environ
            | platform.kafka.environment()
            | {naive.DSN: platform.migrations["redemption"]},
            stderr=subprocess.DEVNULL,
        )
        try:
            yield outcomes
        finally:
            process.terminate()
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
            await naive.remove(platform.migrations["redemption"])


@asynccontextmanager
async def spare_topic(platform: Platform, name: str) -> AsyncIterator[str]:
    """Make a topic for the length of the block."""
    admin = AIOKafkaAdminClient(**platform.kafka.options())
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
        yield name
        await admin.delete_topics([name])
    finally:
        await admin.close()


class _Counting(NamedTuple):
    decided: Callable[[], Awaitable[int]]
    on_kafka: Callable[[], Awaitable[int]]
    in_clickhouse: Callable[[], Awaitable[int]]


@asynccontextmanager
async def _counting(platform: Platform, scene: Scene) -> AsyncIterator[_Counting]:
    outcomes = [
        TopicPartition(topics.REDEMPTIONS.name, n) for n in range(topics.REDEMPTIONS.partitions)
    ]
    consumer = AIOKafkaConsumer(**platform.kafka.options())
    await consumer.start()
    ledger = await asyncpg.connect(platform.views["redemption"])
    clickhouse = await clickhouse_connect.get_async_client(dsn=platform.views["analytics"])

    async def decided() -> int:
        # Every request of a benchmark is accepted; a counter is cheaper to read than the ledger.
        count: int = await ledger.fetchval(
            "SELECT sum(used)::bigint FROM campaign_uses WHERE project_id = $1",
            scene.project_id,
        )
        return count

    async def on_kafka() -> int:
        return sum((await consumer.end_offsets(outcomes)).values())

    async def in_clickhouse() -> int:
        result = await clickhouse.query(
            "SELECT count() FROM reconciliation_entries WHERE project_id = {project:String}",
            {"project": scene.project_id},
        )
        return int(result.result_rows[0][0])

    try:
        yield _Counting(decided, on_kafka, in_clickhouse)
    finally:
        await consumer.stop()
        await ledger.close()
        await clickhouse.close()


@asynccontextmanager
async def producing(vendor: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    """Append as a vendor that sends much."""
    producer = AIOKafkaProducer(**vendor.options(), max_batch_size=131_072)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def _until(
    count: Callable[[], Awaitable[int]], wanted: int, say: Callable[[int], None]
) -> int:
    async with asyncio.timeout(LIMIT_SECONDS):
        while (now := await count()) < wanted:
            say(now)
            await asyncio.sleep(POLL_SECONDS)
    return now


async def steady(
    vendor: Kafka, topic: str, wanted: list[Wanted], per_second: float
) -> dict[int, float]:
    """Append requests at a fixed rate; return when each was appended, by its place in the list.

    What is due within a tick goes out together: the generator shares the cores, and a call to the
    broker for each request was a third of all that was measured.
    """
    appended: dict[int, float] = {}
    async with producing(vendor) as producer:
        began = time.perf_counter()
        sent = 0
        while sent < len(wanted):
            due = int((time.perf_counter() - began) * per_second) + 1
            now = time.time()
            await append(producer, topic, wanted[sent:due])
            appended |= dict.fromkeys(range(sent, min(due, len(wanted))), now)
            sent = max(sent, due)
            ahead = began + sent / per_second - time.perf_counter()
            await asyncio.sleep(max(ahead, TICK_SECONDS))
    return appended
