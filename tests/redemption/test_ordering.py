"""What shops tell of their orders, kept: on a real Postgres."""

import asyncio
from typing import Any

import asyncpg
import pytest
from kit.redemption_books import audit
from kit.redemption_samples import (
    DAY,
    NOON,
    PROJECT,
    a_customer,
    a_request,
    campaign_changed,
    voucher_changed,
)

from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.orders import ordering
from redemption.orders.told import Told
from redemption.store import erasing

ANNA = a_request(customer="anna").customer_id or ""


def told(order_id: str = "order-1", **said: Any) -> Told:
    usual: dict[str, Any] = {
        "at": NOON - DAY,
        "status": "PAID",
        "amount_minor": 5000,
        "customer_id": ANNA,
        "customer": a_customer("anna"),
    }
    return Told((PROJECT, order_id), **(usual | said))


async def figures(pool: asyncpg.Pool) -> tuple[Any, ...]:
    row = await pool.fetchrow(
        """
        SELECT paid_orders, spent_minor, first_order_id, first_paid_at, last_paid_at FROM customers
        """
    )
    return tuple(row or ())


async def test_paid_orders_add_up_to_what_their_customer_did(pool: asyncpg.Pool) -> None:
    await ordering.keep(pool, [told("b", at=NOON), told("a"), told("c", status="CREATED")])
    await ordering.keep(pool, [told("a", at=NOON, refunded_minor=1000), told("d", at=NOON + DAY)])

    assert await figures(pool) == (3, 14_000, "a", NOON - DAY, NOON + DAY)
    assert await audit(pool) == 0


async def test_what_is_cancelled_was_not_bought(pool: asyncpg.Pool) -> None:
    await ordering.keep(pool, [told("a"), told("b", at=NOON), told("c", at=NOON + DAY)])

    await ordering.keep(pool, [told(order, at=NOON + 2 * DAY, status="CANCELED") for order in "ac"])
    assert await figures(pool) == (1, 5000, "b", NOON, NOON)

    await ordering.keep(pool, [told("b", at=NOON + 2 * DAY, refunded_minor=5000)])
    assert await figures(pool) == (0, 0, None, None, None)
    assert await audit(pool) == 0


async def test_repeats_change_nothing(pool: asyncpg.Pool) -> None:
    batch = [told("a"), told("a", at=NOON, status="CANCELED"), told("b")]
    await ordering.keep(pool, batch)
    before = await pool.fetch("SELECT * FROM orders ORDER BY order_id")

    await ordering.keep(pool, batch)

    assert await pool.fetch("SELECT * FROM orders ORDER BY order_id") == before
    assert await audit(pool) == 0


async def test_rivals_who_tell_of_the_same_are_both_kept(pool: asyncpg.Pool) -> None:
    await asyncio.gather(
        *(
            ordering.keep(pool, [told(order, at=NOON + n * DAY) for order in orders])
            for n, orders in enumerate(["abc", "cba", "bca", "acb"])
        )
    )

    assert (await figures(pool))[:2] == (3, 15_000)
    assert await audit(pool) == 0


async def test_who_paid_without_a_coupon_is_not_new_to_any_campaign(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    await ordering.keep(pool, [told("order-1")])

    await decider.decide([a_request(customer="anna", order_id="order-2")])
    await decider.decide([a_request(customer="bert", order_id="order-3")])

    rows = await pool.fetch("SELECT order_id, customer_is_new FROM ledger")
    assert {tuple(row) for row in rows} == {("order-2", False), ("order-3", True)}
    assert await audit(pool) == 2


async def test_a_year_of_orders_may_be_told_before_its_redemptions(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    await ordering.keep(pool, [told(f"order-{n}", at=NOON + n * DAY) for n in range(3)])

    await decider.decide([a_request(customer="anna", order_id="order-0", at=NOON)])
    await decider.decide([a_request(customer="anna", order_id="order-1", at=NOON + DAY)])

    rows = await pool.fetch("SELECT order_id, customer_is_new FROM ledger")
    assert {tuple(row) for row in rows} == {("order-0", True), ("order-1", False)}
    assert await audit(pool) == 2


async def test_who_they_are_is_kept_apart(pool: asyncpg.Pool) -> None:
    anna = a_customer("anna", email="anna@example.org", name="Anna", metadata={"tier": "gold"})
    again = a_customer("anna", metadata={"age": 41})
    await ordering.keep(pool, [told("a", customer=anna), told("b", customer=again)])
    await ordering.keep(pool, [told("c", customer=anna), told("d", customer=again)])

    figures = await pool.fetchrow("SELECT source_id, metadata FROM customers")
    profile = await pool.fetchrow("SELECT name, email FROM customer_profiles")

    assert tuple(figures or ()) == ("anna", {"tier": "gold", "age": 41})
    assert tuple(profile or ()) == ("Anna", "anna@example.org")


@pytest.mark.parametrize("lock", [True, False], ids=["locked", "looked"])
async def test_a_request_that_is_read_late_tells_nothing_newer_of_its_customer(
    pool: asyncpg.Pool, decider: Decider, *, lock: bool
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    decider._rivalled = 9 if lock else 0
    now = a_customer("anna", email="anna@example.org", metadata={"tier": "gold"})
    old = a_customer("anna", name="Ann", email="a@example.org", metadata={"tier": "tin", "age": 41})
    of_anna = a_request(customer="anna")
    await decider.decide([of_anna._replace(customer=now, key=b"1", at=NOON)])

    late = of_anna._replace(customer=old, key=b"2", at=NOON - DAY)
    later = of_anna._replace(customer=a_customer("anna", name="X"), key=b"3", at=NOON - 2 * DAY)
    await decider.decide([late, later])

    profile = await pool.fetchrow("SELECT name, email FROM customer_profiles")
    row = await pool.fetchrow("SELECT metadata, created_at, seen_at FROM customers")
    assert tuple(profile or ()) == ("Ann", "anna@example.org")
    assert tuple(row or ()) == ({"tier": "gold", "age": 41}, NOON - 2 * DAY, NOON)
    assert await audit(pool) == 3


async def test_who_they_are_is_not_told_anew_by_what_is_late_or_repeated(
    pool: asyncpg.Pool,
) -> None:
    now = a_customer("anna", email="anna@example.org", name="Anna", metadata={"tier": "gold"})
    once = a_customer("anna", email="old@example.org", name="Ann", metadata={"tier": "tin"})
    late = told("a", at=NOON - 2 * DAY, customer=once, status="CREATED")
    await ordering.keep(pool, [told("a", customer=now)])

    await ordering.keep(pool, [late])
    profile = await pool.fetchrow("SELECT name, email FROM customer_profiles")
    tier = await pool.fetchval("SELECT metadata FROM customers")
    async with pool.acquire() as conn:
        await erasing.erase(conn, PROJECT, ANNA)
    await ordering.keep(pool, [late, told("a", customer=now)])

    assert tuple(profile or ()) == ("Anna", "anna@example.org")
    assert tier == {"tier": "gold"}
    assert await pool.fetchval("SELECT metadata FROM customers") is None
    assert await pool.fetchval("SELECT count(*) FROM customer_profiles") == 0
    assert await audit(pool) == 0
