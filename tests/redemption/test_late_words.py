"""What orders and customers come to when it is told late, or in one breath: found by the oracle."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import orjson
import pytest
from kit.patience import until
from kit.redemption_books import audit, somebody_waits
from kit.redemption_samples import (
    CUSTOMER_KEY,
    DAY,
    NOON,
    PROJECT,
    a_customer,
    a_request,
    campaign_changed,
    voucher_changed,
)
from kit.rules import a_rule

from contracts import ids
from contracts.terms import Rollback
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.orders import ordering, refunding
from redemption.orders.told import Told
from servicekit.postgres.pool import Connection

KEY = (PROJECT, "order-1")
ANNA = ids.customer(CUSTOMER_KEY, PROJECT, "anna")


class Lent:
    """Lends a connection that somebody holds."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    @contextlib.asynccontextmanager
    async def acquire(self, *, timeout: float) -> AsyncIterator[Connection]:  # noqa: ASYNC109 - as a pool
        assert timeout
        yield self._conn


async def offer(pool: asyncpg.Pool, **terms: Any) -> None:
    follows = Rollback(on_cancelled_order=True)
    await snapshots.apply(pool, [campaign_changed(rollback=follows, **terms), voucher_changed()])


async def tell(
    pool: asyncpg.Pool, decider: Decider, day: int, order: str = "order-1", **said: Any
) -> None:
    key = (PROJECT, order)
    await ordering.keep(pool, [Told(key, at=NOON + day * DAY, **said)])
    await refunding.roll_back(pool, decider, [key])


async def left(pool: asyncpg.Pool) -> int:
    """Return what of the order is counted by now."""
    return int(await pool.fetchval("SELECT counted_minor FROM orders"))


async def test_an_order_of_nobody_is_whoever_redeems_on_it_however_late(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)
    await tell(pool, decider, 1, status="PAID", amount_minor=5000)

    await decider.decide([a_request(customer="anna", order_id="order-1")])

    assert await pool.fetchval("SELECT customer_id FROM orders") == ANNA
    assert await pool.fetchval("SELECT paid_orders FROM customers") == 1
    assert await audit(pool) == 1


@pytest.mark.parametrize("by_redemption", [True, False])
async def test_who_has_paid_earlier_than_was_known_has_not_paid_last_when_that_was(
    pool: asyncpg.Pool, decider: Decider, *, by_redemption: bool
) -> None:
    await offer(pool)
    anna: dict[str, Any] = {"status": "PAID", "amount_minor": 5000, "customer_id": ANNA}
    await tell(pool, decider, 5, **anna)
    await tell(pool, decider, 2, "order-2", **anna)

    if by_redemption:
        await decider.decide([a_request(customer="anna", order_id="order-1", at=NOON + DAY)])
    else:
        await tell(pool, decider, 1, **anna)

    row = await pool.fetchrow("SELECT first_paid_at, first_order_id, last_paid_at FROM customers")
    assert tuple(row or ()) == (NOON + DAY, "order-1", NOON + 2 * DAY)
    assert await audit(pool) == by_redemption


async def test_a_rule_goes_by_what_a_customer_has_just_been_said_to_be(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    gold = a_rule(gold={"name": "customer.metadata", "property": "card", "$is": ["gold"]})
    await offer(pool, rules=(gold,))
    anna = a_customer("anna", metadata={"card": "gold"})

    responses = await decider.decide([a_request(customer=anna), a_request(customer="anna")])

    assert [response.status for response in responses] == [200, 200], [
        orjson.loads(response.body) for response in responses
    ]


async def test_what_is_redeemed_late_on_a_cancelled_order_comes_back_whatever_of_it_counts(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)
    await tell(pool, decider, 1, status="CANCELED", amount_minor=0)

    await decider.decide([a_request(order_id="order-1", amount=0)])
    await refunding.roll_back(pool, decider, [KEY])

    assert await pool.fetchval("SELECT used FROM campaign_locks") == 0
    assert await audit(pool) == 1


async def test_a_cancellation_gives_all_back_of_an_order_that_has_shrunk(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)
    await decider.decide([a_request(order_id="order-1", amount=9000)])
    await tell(pool, decider, 1, status="PAID", amount_minor=9000, refunded_minor=8000)
    assert await left(pool) == 1000

    await tell(pool, decider, 2, status="CANCELED", amount_minor=8000)

    assert await left(pool) == 0
    assert await audit(pool) == 1


async def test_a_refund_is_of_what_the_order_comes_to_by_now(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await offer(pool)
    await decider.decide([a_request(order_id="order-1", amount=8000)])
    await tell(pool, decider, 1, status="PAID", amount_minor=8000, refunded_minor=2000)
    assert await left(pool) == 6000

    await tell(pool, decider, 2, status="PAID", amount_minor=4000, refunded_minor=2000)

    assert await left(pool) == 4000
    assert await audit(pool) == 1


async def test_an_order_that_a_rival_told_of_meanwhile_is_no_past_of_its_own(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    new = a_rule(new={"name": "customer.is_new", "$is": [True]})
    await offer(pool, rules=(new,))
    await ordering.meet(pool, (PROJECT, ANNA), a_customer("anna"), NOON - 2 * DAY)
    many = [a_request(customer=f"other {n}") for n in range(40)]  # so that it locks
    paid = Told(
        KEY, at=NOON - DAY, status="PAID", amount_minor=5000, customer_id=ANNA, paid_at=NOON - DAY
    )

    async with pool.acquire() as rival:
        transaction = rival.transaction()
        await transaction.start()
        await ordering.keep(Lent(rival), [paid])
        deciding = asyncio.create_task(
            decider.decide([*many, a_request(customer="anna", order_id="order-1")])
        )
        await until(lambda: somebody_waits(pool))
        await transaction.commit()
        responses = await deciding

    assert {response.status for response in responses} == {200}, responses[-1].body
    assert await audit(pool) == 41
