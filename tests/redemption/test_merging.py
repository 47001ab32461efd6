"""The newest traces are sorted into their index, and found before and after."""

import asyncpg
import pytest
from kit.patience import until
from kit.redemption_samples import a_request

from redemption.batches.decider import Decider
from redemption.browsing import merging
from redemption.browsing.merging import merge_for_ever
from redemption.ledger.criteria import Criteria
from redemption.store import listing
from redemption.store.ways import Part
from servicekit.lifecycle import background_task


async def found(pool: asyncpg.Pool, code: str = "NOBODYS") -> int:
    of_it = Criteria("proj_a", codes=(code,))
    async with pool.acquire() as conn, conn.transaction():
        return len(await listing.positions(conn, of_it, Part(10)))


async def test_traces_are_merged_now_and_then(
    pool: asyncpg.Pool, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "EVERY_SECONDS", 0.01)
    await decider.decide([a_request("NOBODYS") for _ in range(3)])
    assert await found(pool) == 3

    async def nothing_is_left() -> bool:
        return bool(await pool.fetchval("SELECT merge_traces() = 0"))

    async with background_task(merge_for_ever(pool)):
        await decider.decide([a_request("NOBODYS")])
        await until(nothing_is_left)
    assert await found(pool) == 4


async def test_codes_of_one_number_are_told_apart(pool: asyncpg.Pool, decider: Decider) -> None:
    """There are few numbers on purpose: every look-up reads others' entries too."""
    code, other = await pool.fetchval(
        """
        SELECT (array_agg(code))[1:2] FROM (
            SELECT 'CODE-' || n AS code FROM generate_series(1, 20000) AS n
        ) AS codes GROUP BY trace('proj_a', 1, 0, code) HAVING count(*) > 1 LIMIT 1
        """
    )
    await decider.decide([a_request(each) for each in (code, other, other)])
    assert await found(pool, code) == 1
    assert await found(pool, other) == 2


async def test_an_outage_ends_no_merging(
    monkeypatch: pytest.MonkeyPatch, pool: asyncpg.Pool
) -> None:
    monkeypatch.setattr(merging, "EVERY_SECONDS", 0.01)
    times = 0

    async def merged(_conn: object) -> int:
        nonlocal times
        times += 1
        raise TimeoutError

    monkeypatch.setattr(merging, "merge_traces", merged)

    async def twice() -> bool:
        return times > 1

    async with background_task(merge_for_ever(pool)):
        await until(twice)
