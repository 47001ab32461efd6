"""The relay: everything committed reaches Kafka, whatever is killed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from kit.campaigns_samples import a_process
from kit.patience import until

from campaigns.snapshots import Message
from campaigns.store import connecting, outbox

MakeTopic = Callable[..., Awaitable[str]]


async def left(pool: asyncpg.Pool) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM outbox"))


async def emptied(pool: asyncpg.Pool) -> None:
    async def nothing_left() -> bool:
        return await left(pool) == 0

    await until(nothing_left)


async def write(pool: asyncpg.Pool, topic: str, numbers: range) -> None:
    messages = [Message(topic, f"key-{n % 7}".encode(), str(n).encode()) for n in numbers]
    async with connecting.transaction(pool) as conn:
        await outbox.write(conn, messages)


@asynccontextmanager
async def reader(servers: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def everything(servers: str, topic: str) -> list[ConsumerRecord]:
    """Read a topic, of which nobody writes any more, from start to end."""
    async with reader(servers) as consumer:
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
        if not partitions:
            partitions = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[ConsumerRecord] = []
        while any([await consumer.position(p) < ends[p] for p in partitions]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                records += batch
        return records


async def test_one_keys_records_arrive_in_the_order_of_their_commits(
    campaigns_db: str, kafka_servers: str, kafka_topic: MakeTopic, pool: asyncpg.Pool
) -> None:
    topic = await kafka_topic("ordered", partitions=2)
    for start in range(0, 1500, 500):
        await write(pool, topic, range(start, start + 500))

    async with a_process("relay", campaigns_db, kafka_servers) as relay:
        await emptied(pool)
        async with httpx.AsyncClient() as http:
            ready = await http.get(f"{relay.url}/readyz")
        assert ready.json() == {"ready": True, "dependencies": {"postgres": "ok", "kafka": "ok"}}
        assert (await relay.stop())[0] == 0

    records = await everything(kafka_servers, topic)
    assert len(records) == 1500
    for key in {record.key for record in records}:
        numbers = [int(record.value) for record in records if record.key == key]
        assert numbers == sorted(numbers)


@pytest.mark.fault
async def test_a_relay_that_is_killed_again_and_again_loses_nothing(
    campaigns_db: str, kafka_servers: str, kafka_topic: MakeTopic, pool: asyncpg.Pool
) -> None:
    topic = await kafka_topic("killed", partitions=2)
    await write(pool, topic, range(40_000))

    for _ in range(2):
        async with a_process("relay", campaigns_db, kafka_servers) as relay:
            before = await left(pool)

            async def begun(before: int = before) -> bool:
                return await left(pool) < before

            await until(begun)
            relay.kill()
    assert await left(pool) > 0
    async with a_process("relay", campaigns_db, kafka_servers):
        await emptied(pool)

    numbers = {int(record.value) for record in await everything(kafka_servers, topic)}
    assert numbers == set(range(40_000))


@pytest.mark.fault
async def test_a_relay_whose_connections_are_cut_goes_on(
    campaigns_db: str,
    postgres_url: str,
    kafka_servers: str,
    kafka_topic: MakeTopic,
    pool: asyncpg.Pool,
) -> None:
    topic = await kafka_topic("cut", partitions=2)
    async with a_process("relay", campaigns_db, kafka_servers) as relay:
        await write(pool, topic, range(10))
        await emptied(pool)
        superuser = await asyncpg.connect(postgres_url)
        await superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
            urlsplit(campaigns_db).path.removeprefix("/"),
        )
        await superuser.close()
        await pool.expire_connections()
        await write(pool, topic, range(10, 20))
        await emptied(pool)
        assert relay.child.exit_code is None

    numbers = {int(record.value) for record in await everything(kafka_servers, topic)}
    assert numbers == set(range(20))


async def test_a_relay_without_kafka_waits_and_says_so(
    campaigns_db: str, pool: asyncpg.Pool
) -> None:
    await write(pool, "anywhere", range(3))

    async with a_process("relay", campaigns_db, "127.0.0.1:1") as relay:
        async with httpx.AsyncClient() as http:
            ready = await http.get(f"{relay.url}/readyz")
            alive = await http.get(f"{relay.url}/livez")
        assert ready.status_code == 503
        assert ready.json()["dependencies"]["postgres"] == "ok"
        assert "Kafka" in ready.json()["dependencies"]["kafka"]
        assert alive.status_code == 200
        assert (await asyncio.wait_for(relay.stop(), 10))[0] == 0

    assert await left(pool) == 3
