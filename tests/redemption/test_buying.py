"""A redemption with an order's id says that the order is paid: on a real Postgres."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest
from kit.patience import until
from kit.redemption_books import audit, somebody_waits
from kit.redemption_samples import DAY, NOON, a_request, campaign_changed, voucher_changed

from contracts.terms import Limit
from redemption.applying import snapshots
from redemption.batches import recall
from redemption.batches.decider import Decider
from redemption.batches.redeem import redeem
from redemption.decide import foretell
from redemption.loading.facts import load
from redemption.loading.memory import Memory
from redemption.model import Request
from redemption.store.orders import read
from servicekit.postgres.pool import Connection

ORDER = ("proj_a", "order-1")


async def offer(pool: asyncpg.Pool) -> None:
    for name in ("one", "two"):
        await snapshots.apply(pool, [campaign_changed(name), voucher_changed(name, name)])


async def shares(pool: asyncpg.Pool) -> list[tuple[int, int | None, bool]]:
    rows = await pool.fetch(
        "SELECT order_minor, basket_minor, customer_is_new FROM ledger ORDER BY at, basket_minor"
    )
    return [tuple(row) for row in rows]


def buying(code: str = "one", amount: int = 5000, order: str = "order-1") -> Request:
    return a_request(code, customer="anna", order_id=order, amount=amount)


async def pay(pool: asyncpg.Pool, request: Request, revision: int = 1) -> None:
    """Tell of the paid order of a request, as whoever sells without coupons does."""
    order = request.order
    assert order is not None
    await pool.execute(
        """
        INSERT INTO orders
            (project_id, order_id, customer_id, status, amount_minor, paid_at, changed_at,
             created_at, revision)
        VALUES ($1, $2, $3, 'PAID', $4, $5, $5, $5, $6)
        """,
        request.project_id,
        order.id,
        request.customer_id,
        order.amount_minor,
        NOON - DAY,
        revision,
    )
    await pool.execute(
        """
        INSERT INTO customers (project_id, customer_id, paid_orders, spent_minor, created_at,
            first_paid_at, first_order_id, last_paid_at, seen_at, revision)
        VALUES ($1, $2, 1, $3, $4, $4, $6, $4, $4, $5)
        ON CONFLICT (project_id, customer_id) DO UPDATE SET
            paid_orders = customers.paid_orders + 1, revision = customers.revision + 1,
            spent_minor = customers.spent_minor + excluded.spent_minor
        """,
        request.project_id,
        request.customer_id,
        order.amount_minor,
        NOON - DAY,
        revision,
        order.id,
    )


@pytest.mark.parametrize("lock", [True, False], ids=["locked", "looked"])
async def test_an_order_counts_once_for_all_its_redemptions(
    pool: asyncpg.Pool, decider: Decider, *, lock: bool
) -> None:
    await offer(pool)
    decider._rivalled = 9 if lock else 0

    await decider.decide([buying(amount=5000)])
    await decider.decide([buying("two", amount=5000), buying("two", amount=7000)])

    assert await shares(pool) == [(0, 5000, False), (2000, 7000, False), (5000, None, True)]
    assert await audit(pool) == 3


async def test_an_answer_that_nobody_kept_tells_the_whole_order(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)
    request = buying(amount=5000)
    await decider.decide([buying(amount=4000)])
    [given] = await decider.decide([request])
    await pool.execute("UPDATE requests SET body = NULL")

    async with pool.acquire() as conn:
        told = await recall.recall(conn, "proj_a", request.key)

    assert told is not None
    assert told.body == given.body
    assert orjson.loads(given.body)["order"]["amount"] == 5000


@pytest.mark.parametrize("order", ["order-1", "order-2"])
@pytest.mark.parametrize("lock", [True, False], ids=["locked", "looked"])
async def test_who_paid_another_order_without_a_coupon_is_not_new(
    pool: asyncpg.Pool, decider: Decider, order: str, *, lock: bool
) -> None:
    await offer(pool)
    await pay(pool, buying(order="order-1"))
    decider._rivalled = 9 if lock else 0

    await decider.decide([buying(order=order)])

    assert await shares(pool) == [(5000, None, order == "order-1")]
    assert await audit(pool) == 1


async def test_an_order_that_is_paid_between_the_look_and_the_write_is_seen(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)
    async with pool.acquire() as conn:
        facts = Rivalled(conn, pool)
        with pytest.raises(asyncpg.UniqueViolationError):
            await redeem(
                facts,  # type: ignore[arg-type]  # as a connection
                [buying(order="order-1")],
                datetime.now(UTC),
                Memory(),
                lock=False,
            )

    await decider.decide([buying(order="order-1")])

    assert await shares(pool) == [(5000, None, False)]
    assert await audit(pool) == 1


@pytest.mark.parametrize("spends", [True, False], ids=["redeemed", "validated"])
async def test_a_budget_of_orders_is_short_only_for_what_an_order_has_grown_by(
    pool: asyncpg.Pool, decider: Decider, *, spends: bool
) -> None:
    budget = Limit(of="campaign", what="order", most=8000)
    await snapshots.apply(
        pool, [campaign_changed("one", limits=(budget,)), voucher_changed("one", "one")]
    )
    await decider.decide([buying(amount=5000)])
    grown, memory = buying(amount=7000), Memory()
    while memory.expects_known_orders:
        memory.pass_a_batch()

    async with pool.acquire() as conn:
        facts = await load(conn, [grown], memory, lock=False, spends=spends)

    assert foretell(grown, facts).refused is None


class Rivalled:
    """A connection on which another order is paid before the statement that writes."""

    def __init__(self, conn: Connection, pool: asyncpg.Pool) -> None:
        self._conn, self._pool, self.fetch = conn, pool, conn.fetch

    async def execute(self, *statement: Any) -> None:
        await pay(self._pool, buying(order="order-2"))
        await self._conn.execute(*statement)


async def test_a_lone_redemption_that_finds_its_order_paid_earlier_meets_no_rival(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)
    await decider.decide([buying("one")])

    earlier = a_request(
        "two", customer="anna", order_id="order-1", amount=5000, at=NOON - DAY, request_id="late"
    )
    for _ in range(2):  # answered again, it moves nothing
        await decider.decide([earlier])

    [ends] = await pool.fetch("SELECT first_paid_at, last_paid_at FROM customers")
    assert tuple(ends) == (NOON - DAY, NOON - DAY)
    assert (decider._rivalled, decider._met_a_rival) == (0, False)
    assert await audit(pool) == 2


async def test_rivals_for_an_order_that_is_new_count_it_once(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)

    async with pool.acquire() as conn, conn.transaction():
        await redeem(conn, [buying("one")], datetime.now(UTC), Memory())
        waiting = asyncio.create_task(decider.decide([buying("two"), *[a_request("two")] * 30]))
        await until(lambda: somebody_waits(pool))

    answers = await waiting
    assert {answer.status for answer in answers} == {200}
    assert min(await shares(pool), key=str) == (0, 5000, False)
    assert await audit(pool) == 3


async def test_what_is_refused_or_repeated_makes_no_order_and_no_customer(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)
    refused = buying("none")
    decider._rivalled = 9

    await decider.decide([refused])
    await decider.decide([refused])

    assert await pool.fetchval("SELECT count(*) FROM orders") == 0
    assert await pool.fetchval("SELECT count(*) FROM customers") == 0


async def test_an_order_is_kept_as_it_was_sent(pool: asyncpg.Pool, decider: Decider) -> None:
    await offer(pool)
    await decider.decide([buying(amount=5000)])

    async with pool.acquire() as conn:
        [known] = (await read(conn, [ORDER])).values()

    assert (known.status, known.amount_minor, known.counted_minor) == ("PAID", 5000, 5000)
    assert (known.customer_id, known.paid_at) == (buying().customer_id, NOON)
