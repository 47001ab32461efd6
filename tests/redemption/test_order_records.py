"""Records of orders: kept, or set aside, and only then committed."""

import json
from types import SimpleNamespace
from typing import Any

import asyncpg
from aiokafka import ConsumerRecord, TopicPartition
from kit.redemption_samples import (
    CUSTOMER_KEY,
    NOON,
    PROJECT,
    a_request,
    campaign_changed,
    project_changed,
    voucher_changed,
)

from contracts import ids, topics
from contracts.terms import Rollback
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.kafka.order_records import Dependencies, on_orders
from redemption.kafka.projects import KnownProjects


class Kafka:
    """As much of a consumer and of dead letters as a batch meets, in one sequence."""

    def __init__(self) -> None:
        self.happened: list[Any] = []

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        self.happened.append([*offsets.values()])

    async def send_to_dlq(self, letters: Any) -> None:
        self.happened.append([(letter.record.offset, letter.error_class) for letter in letters])


def record(offset: int, value: bytes | None) -> ConsumerRecord:
    return ConsumerRecord(
        topics.ORDERS.name, 0, offset, 0, 1, b"key", value, None, 3, len(value or b""), ()
    )


def told(project: str = PROJECT, **data: Any) -> bytes:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/shop",
        "type": "coupons.order.changed.v1",
        "time": "2026-11-23T12:00:00.000Z",
        "projectid": project,
        "data": {"order_id": "order-1", "status": "PAID", "amount_minor": 5000} | data,
    }
    return json.dumps(event).encode()


async def test_a_batch_is_kept_or_set_aside_and_then_committed(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [project_changed()])
    kafka: Any = Kafka()
    values = [
        told(customer={"source_id": "anna"}),
        told("proj_nobody"),
        told(amount_minor=-1),
        told(paid="yes"),
        told(items=[{"product_id": "p", "amount_minor": 4999}]),
        None,
        told(order_id="order-2", status="CANCELED", amount_minor=None),
    ]
    message: Any = SimpleNamespace(raw_message=[record(n, v) for n, v in enumerate(values)])

    projects = KnownProjects(pool)
    await on_orders(
        None, message, kafka, Dependencies(pool, decider, projects, kafka, CUSTOMER_KEY)
    )

    assert kafka.happened == [
        [
            (2, "ValidationError"),
            (3, "ValidationError"),
            (4, "ValidationError"),
            (5, "NoValueError"),
            (1, "UnknownProjectError"),
        ],
        [7],
    ]
    rows = await pool.fetch("SELECT order_id, status, customer_id FROM orders ORDER BY order_id")
    anna = ids.customer(CUSTOMER_KEY, PROJECT, "anna")
    assert [tuple(row) for row in rows] == [
        ("order-1", "PAID", anna),
        ("order-2", "CANCELED", None),
    ]


async def test_a_locked_campaign_leaves_its_refunds_due_and_holds_up_no_others(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [project_changed()])
    for name in ("one", "two"):
        changed = campaign_changed(name)
        policy = {"rollback": Rollback(on_cancelled_order=True)}
        terms = changed.data.terms.model_copy(update=policy)
        changed = changed.model_copy(
            update={"data": changed.data.model_copy(update={"terms": terms})}
        )
        await snapshots.apply(pool, [changed, voucher_changed(name, name)])
        await decider.decide([a_request(name, order_id=f"order-{name}", at=NOON)])
    kafka: Any = Kafka()
    values = [told(order_id=f"order-{name}", status="CANCELED") for name in ("one", "two")]
    values = [each.replace(b"2026-11-23", b"2099-11-23") for each in values]
    message: Any = SimpleNamespace(raw_message=[record(n, v) for n, v in enumerate(values)])
    known = Dependencies(pool, decider, KnownProjects(pool), kafka, CUSTOMER_KEY)

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks WHERE campaign_id = 'one' FOR UPDATE")
        await on_orders(None, message, kafka, known)
        while_locked = await conn.fetch("SELECT code FROM ledger WHERE kind = 'rolled_back'")
    await on_orders(None, message, kafka, known)

    assert [row["code"] for row in while_locked] == ["two"]
    assert kafka.happened == [[], [2], [], [2]]
    rows = await pool.fetch("SELECT code FROM ledger WHERE kind = 'rolled_back' ORDER BY code")
    assert [row["code"] for row in rows] == ["one", "two"]
