"""Amounts as large as there may be, so many that their sum is more than 64 bits hold."""

import asyncpg
from kit.redemption_books import audit
from kit.redemption_samples import (
    NOON,
    PROJECT,
    a_customer,
    a_request,
    campaign_changed,
    voucher_changed,
)

from contracts.money import LARGEST_MINOR
from contracts.terms import Limit
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.orders import ordering
from redemption.orders.told import Told
from redemption.store.sums import LARGEST

TOO_MANY = LARGEST // LARGEST_MINOR + 1
ANNA = a_request(customer="anna").customer_id or ""


def paid(order_id: str) -> Told:
    return Told(
        (PROJECT, order_id),
        at=NOON,
        status="PAID",
        amount_minor=LARGEST_MINOR,
        customer_id=ANNA,
        customer=a_customer("anna"),
    )


async def spent(pool: asyncpg.Pool) -> int:
    minor: int = await pool.fetchval("SELECT spent_minor FROM customers")
    return minor


async def off(pool: asyncpg.Pool) -> list[asyncpg.Record]:
    return await pool.fetch("SELECT * FROM reconciliation_counters WHERE used <> recounted")


async def test_what_a_customer_spent_stays_at_the_largest_sum(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await ordering.keep(pool, [paid(f"o{n}") for n in range(TOO_MANY)])
    assert await spent(pool) == LARGEST

    await ordering.keep(pool, [paid("one more")])
    assert await spent(pool) == LARGEST
    await snapshots.apply(pool, [campaign_changed("one"), voucher_changed("A", "one")])
    asked = a_request("A", customer="anna", order_id="redeemed", amount=LARGEST_MINOR)
    [response] = await decider.decide([asked])

    assert response.status == 200
    assert await spent(pool) == LARGEST
    assert await off(pool) == []


async def test_a_budget_that_appears_counts_no_more_than_the_largest_sum(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed("one"), voucher_changed("A", "one")])
    await decider.decide([a_request("A", amount=LARGEST_MINOR) for _ in range(TOO_MANY)])

    limit = Limit(of="campaign", what="order", most=LARGEST_MINOR)
    await snapshots.apply(pool, [campaign_changed("one", 2, limits=(limit,))])
    [response] = await decider.decide([a_request("A", amount=1)])

    assert response.status == 400
    assert await pool.fetchval("SELECT used FROM counters") == LARGEST
    assert await off(pool) == []


async def test_the_largest_amounts_are_counted_exactly_while_their_sum_fits(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    limit = Limit(of="campaign", what="order", most=LARGEST_MINOR)
    await snapshots.apply(
        pool, [campaign_changed("one", limits=(limit,)), voucher_changed("A", "one")]
    )
    asked = [a_request("A", amount=amount) for amount in (LARGEST_MINOR - 1, 2, 1, 1)]

    responses = await decider.decide(asked)

    assert [each.status for each in responses] == [200, 400, 200, 400]
    assert await audit(pool) == 2
