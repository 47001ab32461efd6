from datetime import datetime, timedelta
from typing import Any, get_args

import asyncpg
from kit.campaigns_samples import NOON, store_vouchers

from campaigns.campaigns import versions
from campaigns.products import pages
from campaigns.propagation import store as applied_versions
from campaigns.propagation.store import InForce
from campaigns.referrers import store as referrers
from campaigns.vouchers import counts
from campaigns.vouchers.counts import UseCount
from contracts.applied import Applied
from servicekit.postgres.pool import Connection, transaction


async def uses(pool: asyncpg.Pool) -> dict[str, int]:
    rows = await pool.fetch("SELECT id, redeemed_quantity FROM vouchers")
    return {row["id"]: row["redeemed_quantity"] for row in rows}


async def test_uses_follow_the_latest_outcome_whatever_is_repeated_or_late(
    pool: asyncpg.Pool,
) -> None:
    await store_vouchers(pool, "proj_a", {"v_1": "A", "v_2": "B"})
    batch = [
        UseCount("proj_a", "v_1", uses=2, sequence=2),
        UseCount("proj_a", "v_2", uses=1, sequence=1),
        UseCount("proj_a", "v_unknown", uses=9, sequence=9),
        UseCount("proj_b", "v_2", uses=9, sequence=9),
    ]

    async with transaction(pool) as conn:
        assert await counts.update_uses(conn, batch) == 2
        assert await counts.update_uses(conn, batch) == 0
        late = UseCount("proj_a", "v_1", uses=1, sequence=1)
        assert await counts.update_uses(conn, [late]) == 0
        # A rollback gives a use back: the count falls, the sequence rises.
        rollback = UseCount("proj_a", "v_1", uses=1, sequence=3)
        assert await counts.update_uses(conn, [rollback]) == 1

    assert await uses(pool) == {"v_1": 1, "v_2": 1}


async def test_the_applied_version_never_falls(pool: asyncpg.Pool) -> None:
    def applied(version: int) -> tuple[str, Applied, datetime]:
        fact = Applied(kind="campaign", id="camp_1", version=version)
        return "proj_a", fact, NOON + timedelta(seconds=version)

    subject = ("proj_a", "campaign", "camp_1")
    async with transaction(pool) as conn:
        await applied_versions.upsert(conn, [applied(3), applied(2)])
        await applied_versions.upsert(conn, [applied(1)])
        known = await applied_versions.versions(conn, [subject, ("proj_a", "campaign", "camp_2")])

    assert known == {subject: InForce(3, since=NOON + timedelta(seconds=3))}


async def test_a_version_may_be_as_large_as_the_contract_allows(pool: asyncpg.Pool) -> None:
    largest = Applied(kind="campaign", id="camp_1", version=2**53 - 1)
    async with transaction(pool) as conn:
        await applied_versions.upsert(conn, [("proj_a", largest, NOON)])
        known = await applied_versions.versions(conn, [("proj_a", "campaign", "camp_1")])

    assert [each.version for each in known.values()] == [2**53 - 1]


class Explained:
    """As much of a connection as shows how a statement finds its rows."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self.plan = ""
        self.plans: list[str] = []

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        self.plan = "\n".join(r[0] for r in await self._conn.fetch(f"EXPLAIN {sql}", *arguments))
        self.plans.append(self.plan)
        return []

    fetchval = fetch


async def test_who_names_a_product_is_found_by_it_and_not_by_a_look_at_all(
    pool: asyncpg.Pool,
) -> None:
    async with transaction(pool) as conn:
        await conn.execute("SET LOCAL enable_seqscan = off")  # the tables are empty
        explained: Any = Explained(conn)
        await versions.bump_for_products(explained, "proj_a", ["shoe"])
        of_all = explained.plan
        await referrers.of_goods(explained, "proj_a", "products", ["shoe"])

    for plan in (of_all, explained.plan):
        assert "campaigns_of_products" in plan, plan
        assert "validation_rules_of_products" in plan, plan


ORDERED = {
    "created_at": "products_newest",
    "updated_at": "products_last_changed",
    "name": "products_by_name",
    "source_id": "products_source_id",
}


async def test_products_in_any_order_are_found_by_an_index(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as conn:
        await conn.execute("SET LOCAL enable_seqscan = off")  # the table is empty
        await conn.execute("SET LOCAL enable_bitmapscan = off")
        await conn.execute("SET LOCAL enable_sort = off")
        for order in get_args(pages.SortProductsBy):
            explained: Any = Explained(conn)
            await pages.page_of_products(explained, "proj_a", sort_by=order, limit=10, offset=0)
            assert ORDERED[order.removeprefix("-")] in explained.plans[0], explained.plans[0]
