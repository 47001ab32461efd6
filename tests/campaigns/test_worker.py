"""The readers on real Kafka: what they follow, and what they set aside."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from kit.campaigns_samples import a_process, store_vouchers
from kit.groups import bury
from kit.patience import until

from campaigns import handlers
from campaigns.settings import GROUP
from contracts import topics
from contracts.applied import Applied, SnapshotApplied
from servicekit.kafka.connection import Kafka

READ = (topics.APPLIED, topics.REDEMPTIONS)


@pytest.fixture
async def producer(kafka_servers: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    """A producer, once the topics exist that the worker reads, and no earlier worker is left."""
    names = [t.name for t in READ] + [topics.dead_letters(t.name, "campaigns") for t in READ]
    admin = AIOKafkaAdminClient(**kafka_servers.options())
    await admin.start()
    await admin.create_topics([NewTopic(name, 4, 1) for name in names])  # or they exist
    await admin.close()
    await bury(kafka_servers, ["campaigns"])  # one that stops amid a rebalance does not leave
    producer = AIOKafkaProducer(**kafka_servers.options())
    await producer.start()
    yield producer
    await producer.stop()


def applied(project_id: str, version: int = 2) -> bytes:
    return SnapshotApplied(
        id=uuid4().hex,
        source="test",
        subject="camp_1",
        time="2026-11-23T12:00:00Z",
        projectid=project_id,
        data=Applied(kind="campaign", id="camp_1", version=version),
    ).encode()


def succeeded(project_id: str, uses: int) -> bytes:
    data: dict[str, Any] = {
        "redemption_id": uuid4().hex,
        "request_id": None,
        "code": "WINTER",
        "voucher_id": "v_1",
        "uses": uses,
        "sequence": uses,
        "campaign_id": "camp_1",
        "campaign_version": 1,
        "partner_id": "part_1",
        "channel": "news",
        "category_id": None,
        "customer_id": None,
        "customer_is_new": False,
        "order_id": None,
        "order_minor": 1000,
        "discount_minor": 100,
        "currency": "EUR",
        "commission_plan": {},
        "margin_basis_points": 0,
        "visit_id": None,
        "decided_at": "2026-11-23T12:00:00Z",
    }
    event = {
        "id": uuid4().hex,
        "source": "test",
        "type": "coupons.redemption.succeeded.v1",
        "subject": "x",
        "time": "2026-11-23T12:00:00Z",
        "projectid": project_id,
        "data": data,
    }
    return json.dumps(event).encode()


async def eventually(pool: asyncpg.Pool, question: str, answer: object, *facts: object) -> None:
    async def so() -> bool:
        return bool(await pool.fetchval(question, *facts) == answer)

    await until(so)


async def dead_letter(kafka: Kafka, topic: str, key: bytes) -> ConsumerRecord:
    """Find the dead letter that has this key."""
    consumer = AIOKafkaConsumer(**kafka.options(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, n) for n in range(4)])
        async with asyncio.timeout(30):
            async for record in consumer:
                if record.key == key:
                    return record
    finally:
        await consumer.stop()
    raise AssertionError(key)


def test_nothing_but_our_commit_moves_the_group() -> None:
    broker = KafkaBroker(routers=[handlers.applied(), handlers.outcomes_followed()])

    assert {s.ack_policy for s in broker.subscribers} == {AckPolicy.MANUAL}


def test_counts_have_a_process_of_their_own_so_that_no_kill_switch_waits_for_them() -> None:
    brokers = [
        KafkaBroker(routers=[router()]) for router in (handlers.applied, handlers.outcomes_followed)
    ]
    groups = [
        [s.group_id for s in broker.subscribers]  # type: ignore[attr-defined]  # Kafka's
        for broker in brokers
    ]

    assert groups == [["campaigns"], ["campaigns-uses"]]


async def test_what_redemption_applies_is_followed_past_what_nobody_can_read(
    campaigns_db: str, kafka_servers: Kafka, producer: AIOKafkaProducer, pool: asyncpg.Pool
) -> None:
    project_id, poison = f"proj_{uuid4().hex}", uuid4().hex.encode()
    name = topics.APPLIED.name
    await producer.send(name, b"\xff{", key=poison, headers=[("own", b"\xff"), ("none", None)])
    await producer.send(name, applied(project_id), key=b"camp_1")
    sent = await producer.send_and_wait(name, applied(project_id, 1), key=b"camp_1")
    assert sent.offset >= 0

    async with a_process("applied", campaigns_db, kafka_servers) as role:
        version = "SELECT version FROM applied_versions WHERE project_id = $1 AND id = 'camp_1'"
        await eventually(pool, version, 2, project_id)
        assert (await role.readyz())["ready"] is True
        assert (await role.stop())[0] == 0

    letter = await dead_letter(kafka_servers, topics.dead_letters(name, "campaigns"), poison)
    headers = dict(letter.headers)
    assert letter.value == b"\xff{"
    assert headers["original-topic"] == name.encode()
    assert headers["group"] == b"campaigns"
    assert headers["error-class"] == b"UnreadableError"
    assert {"original-partition", "original-offset", "original-timestamp"} <= set(headers)
    assert {"error-text", "failed-at", "own"} <= set(headers)


@pytest.mark.fault
async def test_a_worker_that_is_killed_misses_no_use(
    campaigns_db: str, kafka_servers: Kafka, producer: AIOKafkaProducer, pool: asyncpg.Pool
) -> None:
    project_id = f"proj_{uuid4().hex}"
    uses = "SELECT redeemed_quantity FROM vouchers WHERE project_id = $1"
    await store_vouchers(pool, project_id, {"v_1": "WINTER"})

    async def redeem(number: int) -> None:
        await producer.send_and_wait(topics.REDEMPTIONS.name, succeeded(project_id, number))

    await redeem(1)
    async with a_process("worker", campaigns_db, kafka_servers) as worker:
        await eventually(pool, uses, 1, project_id)
        worker.kill()
    await bury(kafka_servers, [GROUP, handlers.USES_GROUP])
    await redeem(3)
    await redeem(2)
    async with a_process("worker", campaigns_db, kafka_servers):
        await eventually(pool, uses, 3, project_id)
