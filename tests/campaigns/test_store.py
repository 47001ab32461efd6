import asyncpg
import pytest
from kit.campaigns_samples import store_vouchers

from campaigns.store import connecting, enforced, vouchers
from campaigns.store.vouchers import Count
from contracts.applied import Applied


async def uses(pool: asyncpg.Pool) -> dict[str, int]:
    rows = await pool.fetch("SELECT id, redeemed_quantity FROM vouchers")
    return {row["id"]: row["redeemed_quantity"] for row in rows}


async def test_uses_follow_the_latest_outcome_whatever_is_repeated_or_late(
    pool: asyncpg.Pool,
) -> None:
    await store_vouchers(pool, "proj_a", {"v_1": "A", "v_2": "B"})
    batch = [
        Count("proj_a", "v_1", uses=2, sequence=2),
        Count("proj_a", "v_1", uses=1, sequence=1),
        Count("proj_a", "v_2", uses=1, sequence=1),
        Count("proj_a", "v_unknown", uses=9, sequence=9),
        Count("proj_b", "v_2", uses=9, sequence=9),
    ]

    async with connecting.transaction(pool) as conn:
        assert await vouchers.note_uses(conn, batch) == 2
        assert await vouchers.note_uses(conn, batch) == 0
        assert await vouchers.note_uses(conn, [Count("proj_a", "v_1", uses=1, sequence=1)]) == 0
        # A rollback gives a use back: the count falls, the sequence rises.
        assert await vouchers.note_uses(conn, [Count("proj_a", "v_1", uses=1, sequence=3)]) == 1

    assert await uses(pool) == {"v_1": 1, "v_2": 1}


async def test_the_enforced_version_never_falls(pool: asyncpg.Pool) -> None:
    def applied(version: int) -> tuple[str, Applied]:
        return "proj_a", Applied(kind="campaign", id="camp_1", version=version)

    subject = ("proj_a", "campaign", "camp_1")
    async with connecting.transaction(pool) as conn:
        await enforced.note(conn, [applied(3), applied(2)])
        await enforced.note(conn, [applied(1)])
        known = await enforced.versions(conn, [subject, ("proj_a", "campaign", "camp_2")])

    assert known == {subject: 3}


async def test_a_pool_opens_without_postgres() -> None:
    pool = connecting.pool("postgresql://nobody@127.0.0.1:1/nothing", 1)

    async with connecting.opened(pool):
        with pytest.raises(connecting.OUTAGES):
            await pool.fetchval("SELECT 1")
