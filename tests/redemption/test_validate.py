"""Who only looks takes nothing from anybody, however many look at once."""

import asyncio

import asyncpg
import pytest
from kit.redemption_samples import a_request, campaign_changed, voucher_changed

from redemption.applying import snapshots
from redemption.batches.validate import MOST, Forecasts
from redemption.loading.memory import Memory
from redemption.outcomes import Decision
from servicekit.postgres.bulkheads import Bulkheads


@pytest.fixture
async def forecasts(pool: asyncpg.Pool) -> Forecasts:
    await snapshots.apply(pool, [campaign_changed(total_limit=1), voucher_changed()])
    return Forecasts(Bulkheads(pool, 1), Memory())


def passes(decision: Decision) -> bool:
    return decision.refused is None


async def test_a_crowd_that_looks_at_the_last_use_is_told_alike(forecasts: Forecasts) -> None:
    crowd = [a_request(customer=f"customer {n}") for n in range(2 * MOST + 1)]

    told = await asyncio.gather(*map(forecasts.of, crowd))

    assert [decision.request for decision in told] == crowd
    assert all(map(passes, told))


async def test_who_asks_what_postgres_cannot_hold_fails_alone(forecasts: Forecasts) -> None:
    crowd = [a_request(), a_request("NUL\0"), a_request("NOBODYS"), a_request()]

    first, nul, unknown, last = await asyncio.gather(
        *map(forecasts.of, crowd), return_exceptions=True
    )

    assert isinstance(nul, asyncpg.DataError)
    assert [isinstance(each, Decision) and passes(each) for each in (first, unknown, last)] == [
        True,
        False,
        True,
    ]


async def test_who_goes_away_takes_nobodys_answer_along(forecasts: Forecasts) -> None:
    leaver = asyncio.create_task(forecasts.of(a_request()))
    others = [asyncio.create_task(forecasts.of(a_request())) for _ in range(3)]
    await asyncio.sleep(0)

    leaver.cancel()

    assert all(map(passes, await asyncio.gather(*others)))


async def test_who_comes_while_others_are_read_is_read_with_the_next(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed()])
    forecasts = Forecasts(Bulkheads(pool, 3), Memory())
    await forecasts.of(a_request())
    async with asyncio.timeout(60):
        rounds = [asyncio.create_task(forecasts.of(a_request()))]
        await asyncio.sleep(0)
        while forecasts._waiting:  # noqa: ASYNC110 - reading takes less than any other pause
            await asyncio.sleep(0)
        rounds += [asyncio.create_task(forecasts.of(a_request())) for _ in range(20)]
        await asyncio.sleep(0)

        assert sum(forecasts._at_once.values()) == 1
        assert all(map(passes, await asyncio.gather(*rounds)))
    assert not forecasts._waiting


async def test_where_no_connection_is_to_be_had_all_are_told(pool: asyncpg.Pool) -> None:
    forecasts = Forecasts(Bulkheads(pool, 1), Memory())
    await pool.close()

    told = await asyncio.gather(
        *(forecasts.of(a_request()) for _ in range(3)), return_exceptions=True
    )

    assert all(isinstance(each, asyncpg.InterfaceError) for each in told)
