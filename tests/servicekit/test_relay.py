"""The relay on real engines: everything committed reaches Kafka, whatever happens on the way.

That a relay may be killed at any moment is shown with processes, in tests/redemption.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest
from aiokafka import ConsumerRecord
from kit import outboxes, records
from kit.engines import NO_KAFKA
from kit.lifespans import started
from kit.patience import until, until_true

from servicekit.kafka.connection import Kafka
from servicekit.kafka.publishing import partition_of
from servicekit.metrics import Metrics
from servicekit.postgres import outbox
from servicekit.postgres.migrate import migrate
from servicekit.postgres.outbox import Lane, Message
from servicekit.postgres.pool import pool as make_pool
from servicekit.postgres.pool import pool_lifespan, transaction
from servicekit.postgres.relay import LONGEST_PAUSE_SECONDS, Relay
from servicekit.postgres.relay_role import relay_application

MakeTopic = Callable[..., Awaitable[str]]


@pytest.fixture
async def dsn(postgres_url: str, tmp_path: Path) -> AsyncIterator[str]:
    """A database with nothing but the kit's own table."""
    name = f"kit_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres_url)
    await admin.execute(f"CREATE DATABASE {name}")
    dsn = urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
    assert await asyncio.to_thread(migrate, dsn, tmp_path) == 0
    assert await asyncio.to_thread(migrate, dsn, tmp_path) == 0  # again is harmless
    yield dsn
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    async with pool_lifespan(pool := make_pool(dsn, "tests", 3, {})):
        yield pool


async def write(
    pool: asyncpg.Pool, topic: str, numbers: Iterable[int], lane: Lane = Lane.PROMPT
) -> None:
    async with transaction(pool) as conn:
        await outbox.write(conn, [a_message(topic, number) for number in numbers], lane)


def a_message(topic: str, number: int) -> Message:
    return Message(topic, f"key-{number % 7}".encode(), str(number).encode())


async def emptied(pool: asyncpg.Pool) -> None:
    async def nothing_left() -> bool:
        left: int = await pool.fetchval("SELECT count(*) FROM outbox")
        return left == 0

    await until(nothing_left, 30, every=0.02)


async def everything(kafka: Kafka, topic: str) -> list[ConsumerRecord]:
    ends = await records.ends(kafka, [topic])
    return await records.since(kafka, dict.fromkeys(ends, 0), sum(ends.values()))


def numbers(found: Iterable[ConsumerRecord]) -> list[int]:
    return sorted(int(record.value or b"") for record in found)


async def test_one_keys_records_arrive_once_in_the_order_of_their_commits_in_its_partition(
    dsn: str, kafka_servers: Kafka, kafka_topic: MakeTopic, pool: asyncpg.Pool
) -> None:
    topic = await kafka_topic("ordered", partitions=2)
    for start in range(0, 1500, 500):
        await write(pool, topic, range(start, start + 500))
    relay = Relay(dsn, kafka_servers, metrics := Metrics("kit", "relay"), batch_rows=2)

    async with relay.running():
        await emptied(pool)
        await until(lambda: counted(metrics, 1500), every=0.02)
        assert relay.missing == {}
        assert relay.heartbeat.stuck_reason() is None

    found = await everything(kafka_servers, topic)
    assert numbers(found) == list(range(1500))
    assert {record.headers for record in found} == {
        (("content-type", b"application/cloudevents+json"),)
    }
    for key in {record.key for record in found}:
        of_key = [record for record in found if record.key == key]
        sent = [int(record.value or b"") for record in of_key]
        assert sent == sorted(sent)
        assert {record.partition for record in of_key} == {partition_of(key or b"", 2)}


async def counted(metrics: Metrics, published: int) -> bool:
    return f"{published}.0" in metrics.page().decode()


async def test_a_row_is_on_its_way_within_milliseconds_although_the_relay_was_idle(
    dsn: str,
    kafka_servers: Kafka,
    kafka_topic: MakeTopic,
    pool: asyncpg.Pool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topic, paused, pause = await kafka_topic("idle"), list[float](), Relay._pause

    async def noted(self: Relay, seconds: float) -> None:
        paused.append(seconds)
        await pause(self, seconds)

    monkeypatch.setattr(Relay, "_pause", noted)
    async with Relay(dsn, kafka_servers, Metrics("kit", "relay")).running():
        await until_true(lambda: LONGEST_PAUSE_SECONDS in paused)  # it knows no longer one
        for number in range(1, 4):
            await write(pool, topic, [number])
            await emptied(pool)
    assert max(paused) <= 0.05


async def test_rows_that_committed_late_or_were_held_by_another_are_found(
    dsn: str, kafka_servers: Kafka, kafka_topic: MakeTopic, pool: asyncpg.Pool
) -> None:
    topic = await kafka_topic("late")
    async with Relay(dsn, kafka_servers, Metrics("kit", "relay")).running():
        async with transaction(pool) as slow:
            await outbox.write(slow, [a_message(topic, 0)])
            for number in range(1, 10):
                await write(pool, topic, [number])
                await asyncio.sleep(0.15)
        await emptied(pool)

    assert numbers(await everything(kafka_servers, topic)) == list(range(10))


async def test_two_relays_at_once_publish_each_row_once(
    dsn: str, kafka_servers: Kafka, kafka_topic: MakeTopic, pool: asyncpg.Pool
) -> None:
    topic = await kafka_topic("shared", partitions=2)
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(2):
            relay = Relay(dsn, kafka_servers, Metrics("kit", "relay"), batch_rows=1)
            await stack.enter_async_context(relay.running())
        for start in range(0, 2000, 200):
            await write(pool, topic, range(start, start + 200))
        await emptied(pool)

    assert numbers(await everything(kafka_servers, topic)) == list(range(2000))


async def test_of_relays_that_work_alone_one_works_and_the_next_takes_over(
    dsn: str, kafka_servers: Kafka, kafka_topic: MakeTopic, pool: asyncpg.Pool
) -> None:
    topic = await kafka_topic("alone")
    worked = Metrics("kit", "relay")
    first = Relay(dsn, kafka_servers, worked, alone=True)
    second = Relay(dsn, kafka_servers, Metrics("kit", "relay"), alone=True)
    async with first.running():
        await write(pool, topic, [0])
        await emptied(pool)
        async with second.running():
            for number in range(1, 40):
                await write(pool, topic, [number])
                await asyncio.sleep(0.03)  # beyond the pause of who stands by
            await emptied(pool)
            await until(lambda: counted(worked, 40), every=0.02)
            first.stop()
            await asyncio.sleep(0)
            await write(pool, topic, [40])
            async with asyncio.timeout(60):
                await emptied(pool)

    found = await everything(kafka_servers, topic)
    assert [int(record.value or b"") for record in found] == list(range(41))


async def test_a_relay_whose_connections_are_cut_goes_on(
    dsn: str, postgres_url: str, kafka_servers: Kafka, kafka_topic: MakeTopic, pool: asyncpg.Pool
) -> None:
    topic = await kafka_topic("cut", partitions=2)
    async with Relay(dsn, kafka_servers, Metrics("kit", "relay")).running():
        await write(pool, topic, range(10))
        await emptied(pool)
        superuser = await asyncpg.connect(postgres_url)
        await superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
            "relay",
        )
        await superuser.close()
        await write(pool, topic, range(10, 20))
        await emptied(pool)

    assert set(numbers(await everything(kafka_servers, topic))) == set(range(20))


async def test_a_relay_without_kafka_waits_says_so_and_stops_when_told(
    dsn: str, pool: asyncpg.Pool
) -> None:
    await write(pool, "anywhere", range(3))
    relay = Relay(dsn, NO_KAFKA, metrics := Metrics("kit", "relay"))

    async def misses_kafka() -> bool:
        return "Kafka" in relay.missing.get("kafka", "")

    async def age_exceeds(seconds: float) -> bool:
        [gauge] = metrics.outbox_age_seconds.collect()
        return [sample.value > seconds for sample in gauge.samples] == [True]

    async with asyncio.timeout(60):
        async with relay.running():
            await until(misses_kafka)
            await until(lambda: age_exceeds(2))  # it grows: the alarm for an outage hangs on it
            assert relay.missing.keys() == {"kafka"}
            assert relay.heartbeat.stuck_reason() is None

    assert len(await outboxes.messages(pool)) == 3


async def test_the_role_says_what_it_waits_for_and_is_alive_all_the_same(
    dsn: str, kafka_servers: Kafka
) -> None:
    here = await asked(dsn, kafka_servers)
    away = await asked(dsn, NO_KAFKA)

    assert here == {"ready": True, "dependencies": {"postgres": "ok", "kafka": "ok"}}
    assert away["ready"] is False
    assert away["dependencies"]["postgres"] == "ok" != away["dependencies"]["kafka"]


async def asked(dsn: str, kafka: Kafka) -> dict[str, Any]:
    app = relay_application(dsn, kafka, Metrics("kit", "relay"))
    transport = httpx.ASGITransport(app)
    async with (
        started(app),
        httpx.AsyncClient(transport=transport, base_url="http://kit") as client,
    ):

        async def connected() -> bool:
            body = (await client.get("/readyz")).json()
            return body["dependencies"]["postgres"] == "ok" and (
                body["ready"] or "Connection" in body["dependencies"]["kafka"]
            )

        await until(connected)
        assert (await client.get("/livez")).status_code == 200
        body: dict[str, Any] = (await client.get("/readyz")).json()
        return body


@pytest.mark.parametrize("steps", range(5))
async def test_a_pause_that_is_over_swallows_no_cancellation(steps: int) -> None:
    relay = Relay("", NO_KAFKA, Metrics("kit", "relay"))
    pause = asyncio.create_task(relay._pause(60))
    for _ in range(3):
        await asyncio.sleep(0)

    relay._stopping.set()
    for _ in range(steps):  # at whichever moment of its end it comes
        await asyncio.sleep(0)
    was_over = not pause.cancel()
    await asyncio.wait([pause])

    assert pause.cancelled() or was_over


async def test_what_nobody_waits_for_keeps_nothing_else_waiting(
    dsn: str, kafka_servers: Kafka, kafka_topic: MakeTopic, pool: asyncpg.Pool
) -> None:
    bulk, prompt = await kafka_topic("bulk"), await kafka_topic("prompt")
    for number in range(300):  # as visits come: each in a transaction
        await write(pool, bulk, [number], Lane.BULK)
    await write(pool, prompt, [0])
    role = relay_application(
        dsn, kafka_servers, Metrics("kit", "relay"), batch_rows=1, lanes=tuple(Lane)
    )

    async def prompt_is_gone() -> bool:
        return not await pool.fetchval("SELECT 1 FROM outbox WHERE lane = 0")

    async with started(role):
        await until(prompt_is_gone, every=0.001)
        # Written last, it would be the last of one queue.
        assert await pool.fetchval("SELECT count(*) FROM outbox") > 0
        await emptied(pool)

    assert numbers(await everything(kafka_servers, prompt)) == [0]
    assert numbers(await everything(kafka_servers, bulk)) == list(range(300))
