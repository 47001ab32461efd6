"""What the view that reconciles by names: every counter that somebody has moved, and no other."""

import asyncpg
import pytest
from kit.redemption_rollbacks import a_rollback
from kit.redemption_samples import PROJECT, a_request, campaign_changed, voucher_changed

from contracts.terms import Limit
from redemption.applying import snapshots
from redemption.batches.decider import Decider
from redemption.ledger.entries import redemption_id
from servicekit.postgres.pool import Connection

# Whatever may be limited, but for what stands in its own column.
LIMITS = tuple(
    Limit(of=of, per=per, what=what, most=1_000_000)
    for of in ("campaign", "code", "customer", "customer_and_code")
    for per in (None, "day", "week", "month")
    for what in ("redemptions", "discount", "order")
    if per or what != "redemptions" or of == "customer_and_code"
)
COLUMNS = {
    "campaign": ("campaign_locks", "used"),
    "code": ("vouchers", "uses"),
    "counted of order": ("orders", "counted_minor"),
    "paid orders of customer": ("customers", "paid_orders"),
    "outcomes of code": ("vouchers", "sequence"),
    "spent by customer": ("customers", "spent_minor"),
}
OF_CUSTOMERS = {
    "customer who has redeemed",
    "first payment of customer",
    "last payment of customer",
    "paid orders of customer",
    "spent by customer",
}


@pytest.fixture
async def used(pool: asyncpg.Pool, decider: Decider) -> None:
    """Two orders with a code, of which one was rolled back in part."""
    await snapshots.apply(
        pool,
        [
            campaign_changed("one", per_customer_limit=9, limits=LIMITS),
            voucher_changed("A", "one"),
        ],
    )
    await decider.decide(
        [a_request("A", customer="anna", order_id=order_id) for order_id in ("1", "2")]
    )
    id_ = redemption_id(await pool.fetchval("SELECT id FROM ledger LIMIT 1"), accepted=True)
    await decider.decide([await a_rollback(pool, id_, amount_minor=1000)])
    assert await off(pool) == []


async def off(pool: asyncpg.Pool | Connection) -> list[tuple[str, str, int]]:
    """Return the kind of each counter that is off, and by how much."""
    rows = await pool.fetch(
        """
        SELECT project_id, kind, used - recounted FROM reconciliation_counters
        WHERE used <> recounted ORDER BY kind
        """
    )
    return [tuple(row) for row in rows]


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("by", [1, -1])
async def test_a_counter_that_was_moved_is_named_alone(pool: asyncpg.Pool, by: int) -> None:
    kinds = [row[0] for row in await pool.fetch("SELECT kind FROM counters")]
    assert len(kinds) == len(LIMITS) + 1
    for kind in kinds:
        moving = "UPDATE counters SET used = used + $2 WHERE kind = $1"
        await pool.execute(moving, kind, by)
        assert await off(pool) == [(PROJECT, kind, by)]
        await pool.execute(moving, kind, -by)
    async with pool.acquire() as conn:
        for kind, (table, column) in COLUMNS.items():
            moved = conn.transaction()
            await moved.start()
            row = f"ctid = (SELECT max(ctid) FROM {table})"
            await conn.execute(f"UPDATE {table} SET {column} = {column} + $1 WHERE {row}", by)
            assert await off(conn) == [(PROJECT, kind, by)]
            await moved.rollback()


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("kind", "to", "by"),
    [
        ("first payment of customer", "first_paid_at = first_paid_at + interval '1 us'", 1),
        ("last payment of customer", "last_paid_at = last_paid_at - interval '1 us'", -1),
        ("customer who has redeemed", "first_redemption_id = NULL", -1),
    ],
)
async def test_what_makes_a_customer_new_is_named_where_it_is_wrong(
    pool: asyncpg.Pool, kind: str, to: str, by: int
) -> None:
    await pool.execute(f"UPDATE customers SET {to}")

    assert await off(pool) == [(PROJECT, kind, by)]


@pytest.mark.usefixtures("used")
async def test_what_is_gone_is_named(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as conn:
        for table, kinds in {
            "counters": {f"{kind}" for [kind] in await pool.fetch("SELECT kind FROM counters")},
            "orders": {"counted of order", *OF_CUSTOMERS - {"customer who has redeemed"}},
            "customers": OF_CUSTOMERS,
            "campaign_locks": {"campaign"},
        }.items():
            transaction = conn.transaction()
            await transaction.start()
            await conn.execute(f"DELETE FROM {table}")
            rows = await conn.fetch(
                "SELECT DISTINCT kind FROM reconciliation_counters WHERE used <> recounted"
            )
            assert {row["kind"] for row in rows} == kinds
            await transaction.rollback()


@pytest.mark.usefixtures("used")
async def test_an_entry_that_is_gone_is_named_by_all_that_it_counted_for(
    pool: asyncpg.Pool,
) -> None:
    await pool.execute("DELETE FROM ledger WHERE order_id = '2' AND kind = 'redeemed'")

    named = {kind for _, kind, _ in await off(pool)}
    kinds = {row[0] for row in await pool.fetch("SELECT kind FROM counters")}
    assert named == kinds | {"campaign", "code", "outcomes of code", "counted of order"}
