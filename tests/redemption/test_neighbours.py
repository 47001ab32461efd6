"""What one request meets is told to whoever asked it, and not to its neighbours in the batch."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from kit.engines import as_role
from kit.redemption_books import audit
from kit.redemption_deciders import statuses
from kit.redemption_samples import (
    a_request,
    an_order,
    campaign_changed,
    voucher_changed,
)

from redemption.applying import snapshots
from redemption.batches.decider import Decider

# Who waits for another's lock now, by the moment at which he began.
WAITING = """
SELECT xact_start AS began FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
OUT_OF_TIME, RIVALLED = "57014", "40001"  # as Postgres calls them


@contextlib.asynccontextmanager
async def failing(dsn: str, too_much: str, code: str = OUT_OF_TIME) -> AsyncIterator[None]:
    """Let Postgres fail statements that write `too_much`, as it does after their time."""
    owner = await asyncpg.connect(as_role(dsn, "redemption_owner"))
    await owner.execute(
        f"""
        CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT {too_much} FROM written) THEN
                RAISE 'what was written is too much' USING ERRCODE = '{code}';
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER failing AFTER INSERT ON ledger REFERENCING NEW TABLE AS written
        FOR EACH STATEMENT EXECUTE FUNCTION failing();
        """
    )
    try:
        yield
    finally:
        await owner.execute("DROP FUNCTION failing CASCADE")
        await owner.close()


@pytest.mark.parametrize("count", [3, 70])  # in one statement, and by COPY
async def test_a_batch_that_takes_too_long_for_a_statement_is_decided_one_by_one(
    redemption_db: str, pool: asyncpg.Pool, decider: Decider, count: int
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    async with failing(redemption_db, "count(*) > 1"):
        answers = await decider.decide([a_request() for _ in range(count)])

    assert statuses([answers]) == [200] * count
    assert await audit(pool) == count


async def test_one_who_takes_too_long_alone_is_told_so_and_not_its_neighbours(
    redemption_db: str, pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    async with failing(redemption_db, "bool_or(code = 'HEAVY')"):
        good, bad, also_good = await asyncio.gather(
            decider.decide([a_request()]),
            decider.decide([a_request("HEAVY")]),
            decider.decide([a_request()]),
            return_exceptions=True,
        )

    assert isinstance(bad, asyncpg.QueryCanceledError)
    assert statuses(a for a in (good, also_good) if isinstance(a, list)) == [200, 200]
    assert await audit(pool) == 2


async def test_one_who_meets_rivals_for_ever_is_told_so_and_not_its_neighbours(
    redemption_db: str, pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    async with failing(redemption_db, "count(*) > 2 OR bool_or(code = 'HEAVY')", RIVALLED):
        good, bad, also_good = await asyncio.gather(
            decider.decide([a_request()]),
            decider.decide([a_request("HEAVY")]),
            decider.decide([a_request(), a_request()]),
            return_exceptions=True,
        )

    assert isinstance(bad, asyncpg.SerializationError)
    assert statuses(a for a in (good, also_good) if isinstance(a, list)) == [200, 200, 200]
    assert await audit(pool) == 3


async def test_a_batch_of_one_caller_that_meets_rivals_for_ever_is_decided_one_by_one(
    redemption_db: str, pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    async with failing(redemption_db, "count(*) > 1", RIVALLED):
        answers = await decider.decide([a_request() for _ in range(3)])

    assert statuses([answers]) == [200] * 3
    assert await audit(pool) == 3


async def test_a_server_without_time_for_anybody_is_not_waited_for_by_each(
    redemption_db: str, pool: asyncpg.Pool, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redemption.batches.decider.APART_SECONDS", 0.0)
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])

    async with failing(redemption_db, "bool_or(code = 'HEAVY')"):
        answers = await asyncio.gather(
            *(decider.decide([a_request(code)]) for code in ("HEAVY", "SUMMER", "SUMMER")),
            return_exceptions=True,
        )

    assert [type(answer) for answer in answers] == [asyncpg.QueryCanceledError] * 3


async def test_one_who_asks_what_postgres_cannot_hold_fails_alone(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    poison = a_request()._replace(
        order=an_order(order_id="\0")
    )  # no reader of ours lets it through

    good, bad, also_good = await asyncio.gather(
        decider.decide([a_request()]),
        decider.decide([poison]),
        decider.decide([a_request()]),
        return_exceptions=True,
    )

    assert isinstance(bad, asyncpg.DataError)
    assert [a.status for one in (good, also_good) if isinstance(one, list) for a in one] == [
        200,
        200,
    ]
    assert await audit(pool) == 2
    assert (await decider.decide([a_request()]))[0].status == 200


async def test_a_campaign_that_somebody_keeps_locked_is_not_its_neighbours_trouble(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    for name in ("locked", "free", "also free"):
        await snapshots.apply(pool, [campaign_changed(name), voucher_changed(name, name)])

    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM campaign_locks WHERE campaign_id = 'locked' FOR UPDATE")
        asked = asyncio.gather(
            *(decider.decide([a_request(c)]) for c in ("locked", "free", "also free") * 20),
            return_exceptions=True,
        )
        waits = await held_up(pool, asked)
        answers = asked.result()

    assert [type(answer) for answer in answers[::3]] == [asyncpg.LockNotAvailableError] * 20
    assert statuses(a for a in answers if isinstance(a, list)) == [200] * 40
    assert 1 <= waits <= 3  # the lock's time limit is waited out a few times, not twenty
    assert await audit(pool) == 40


async def held_up(pool: asyncpg.Pool, asked: asyncio.Future[Any]) -> int:
    """Count the transactions that wait for somebody, one after the other, until all is answered."""
    seen = set()
    while not asked.done():
        seen |= {row["began"] for row in await pool.fetch(WAITING)}
        await asyncio.sleep(0.05)
    return len(seen)
