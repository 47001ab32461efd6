"""A limit that appears counts the past, exactly and once."""

import random
from datetime import timedelta

import asyncpg
import orjson
import pytest
from kit.redemption_books import audit
from kit.redemption_samples import (
    CUSTOMER_KEY,
    NOON,
    PROJECT,
    a_request,
    campaign_changed,
    voucher_changed,
)

from contracts import ids
from contracts.terms import Limit
from redemption.applying import recount, snapshots
from redemption.applying.snapshots import Snapshot
from redemption.batches.decider import Decider

HOUR = timedelta(hours=1)


async def counted(pool: asyncpg.Pool, campaign: str = "one") -> dict[str, int]:
    rows = await pool.fetch(
        "SELECT subject, used FROM counters WHERE project_id = $1 AND campaign_id = $2",
        PROJECT,
        campaign,
    )
    return dict(map(tuple, rows))


def uses(**of_customers: int) -> dict[str, int]:
    return {ids.customer(CUSTOMER_KEY, PROJECT, name): n for name, n in of_customers.items()}


@pytest.fixture
async def past(pool: asyncpg.Pool, decider: Decider) -> None:
    """Of campaign one: anna used three, bert one, nobody one. What else happened is not its."""
    await snapshots.apply(
        pool,
        [
            campaign_changed("one"),
            campaign_changed("two"),
            campaign_changed("one", project="proj_b"),
            *(voucher_changed(code, "one") for code in ("A", "B")),
            voucher_changed("C", "two"),
            voucher_changed("OFF", "one", active=False),
            voucher_changed("A", "one", project="proj_b"),
        ],
    )
    await decider.decide(
        [
            a_request("A", "B", customer="anna"),
            a_request("A", "C", customer="anna"),
            a_request("B", "OFF", customer="anna"),
            a_request("B", customer="bert"),
            a_request("B"),
            a_request("A", project="proj_b", customer="anna"),
        ]
    )


@pytest.mark.usefixtures("past")
async def test_a_limit_that_appears_counts_the_past_exactly(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    assert await counted(pool) == {}

    await snapshots.apply(pool, [campaign_changed("one", 2, per_customer_limit=3)])

    assert await counted(pool) == uses(anna=3, bert=1)
    responses = await decider.decide([a_request("A", customer=who) for who in ("anna", "bert")])
    assert [response.status for response in responses] == [400, 200]
    assert orjson.loads(responses[0].body)["key"] == "customer_limit_exceeded"
    assert await audit(pool) == 8


BESIDE = (
    Limit(of="customer", per="month", most=3),
    Limit(of="code", per="day", most=9),
    Limit(of="customer_and_code", most=9),
    Limit(of="campaign", what="discount", most=9999),
    Limit(of="customer", what="discount", per="week", most=9999),
)


@pytest.mark.usefixtures("past")
async def test_limits_of_every_kind_count_the_past(pool: asyncpg.Pool, decider: Decider) -> None:
    await snapshots.apply(pool, [campaign_changed("one", 2, limits=BESIDE)])

    assert await audit(pool) == 7
    assert {500 * (3 + 1 + 1), 500 * 3, 500} <= set((await counted(pool)).values())
    [anna, bert] = await decider.decide([a_request("A", customer=who) for who in ("anna", "bert")])
    assert (anna.status, bert.status) == (400, 200)
    assert orjson.loads(anna.body)["key"] == "period_limit_exceeded"
    assert await audit(pool) == 8


@pytest.mark.usefixtures("past")
async def test_by_another_clock_the_past_is_counted_anew(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    # 00:30 of the 23rd in Berlin is the 22nd in New York.
    night = NOON - 12 * HOUR + HOUR / 2
    await decider.decide([a_request("A", customer="anna", at=night)])
    await snapshots.apply(pool, [campaign_changed("one", 2, limits=BESIDE)])
    elsewhere = campaign_changed("one", 3, limits=BESIDE, time_zone="America/New_York")

    await snapshots.apply(pool, [elsewhere])

    assert await audit(pool) == 8
    days = {subject[:10] for subject in await counted(pool) if subject.endswith(" A")}
    assert {"2026-11-22", "2026-11-23"} <= days
    clocks = await pool.fetch("SELECT DISTINCT kind FROM counters WHERE kind LIKE '% per %'")
    assert all("New_York" in kind for (kind,) in clocks)  # those of the other are dropped


@pytest.mark.usefixtures("past")
async def test_what_is_not_limited_any_more_is_not_kept(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed("one", 2, per_customer_limit=9, limits=BESIDE)])

    await snapshots.apply(pool, [campaign_changed("one", 3, limits=BESIDE[:1])])

    [(kind,)] = await pool.fetch("SELECT DISTINCT kind FROM counters")
    assert kind == "redemptions of customer per month in Europe/Berlin"
    await snapshots.apply(pool, [campaign_changed("one", 4)])
    assert await counted(pool) == {}


@pytest.mark.usefixtures("past")
async def test_what_happened_while_there_was_no_limit_counts_when_it_comes_back(
    pool: asyncpg.Pool, decider: Decider
) -> None:
    for version, limit in [(2, 9), (3, None)]:
        await snapshots.apply(pool, [campaign_changed("one", version, per_customer_limit=limit)])
    await decider.decide([a_request("A", customer="bert"), a_request("A", customer="carl")])

    await snapshots.apply(pool, [campaign_changed("one", 4, per_customer_limit=2)])

    assert await counted(pool) == uses(anna=3, bert=2, carl=1)
    assert await audit(pool) == 9


@pytest.mark.usefixtures("past")
async def test_a_limit_that_stays_is_not_counted_anew(pool: asyncpg.Pool, decider: Decider) -> None:
    await snapshots.apply(pool, [campaign_changed("one", 2, per_customer_limit=9)])
    await decider.decide([a_request("A", customer="bert")])

    async with pool.acquire() as reader, reader.transaction():
        await reader.execute("LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE")
        await snapshots.apply(pool, [campaign_changed("one", 3, per_customer_limit=8)])

    assert await counted(pool) == uses(anna=3, bert=2)


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize("seed", range(4))
async def test_repeated_and_reordered_snapshots_count_nothing_twice(
    pool: asyncpg.Pool, decider: Decider, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable shuffle
    history: list[Snapshot] = [
        campaign_changed("one", version, per_customer_limit=limit)
        for version, limit in enumerate([9, None, 8, None, 7], start=2)
    ]
    shuffled = chance.choices(history, k=10) + history[-1:]
    for start in range(0, len(shuffled), 3):
        await snapshots.apply(pool, shuffled[start : start + 3])
        await decider.decide([a_request("A", customer=who) for who in ("anna", "bert")])

    assert await counted(pool) == uses(anna=3 + 4, bert=1 + 4)
    assert await audit(pool) == 7 + 2 * 4


async def test_a_past_of_many_customers_is_counted_in_pieces(
    pool: asyncpg.Pool, decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "CHUNK", 7)
    await snapshots.apply(pool, [campaign_changed("one"), voucher_changed("A", "one")])
    await decider.decide([a_request("A", customer=f"customer {n % 20}") for n in range(30)])

    await snapshots.apply(pool, [campaign_changed("one", 2, per_customer_limit=3)])

    assert sorted((await counted(pool)).values()) == [1] * 10 + [2] * 10
    assert await audit(pool) == 30


async def test_a_limit_that_appears_on_a_campaign_that_went_without_is_known_to_take_its_time(
    pool: asyncpg.Pool,
) -> None:
    await snapshots.apply(pool, [campaign_changed("one"), campaign_changed("two", total_limit=5)])
    limited = campaign_changed("one", version=2, per_customer_limit=1)
    known = campaign_changed("two", version=2, total_limit=5, active=False)
    new = campaign_changed("three", per_customer_limit=1)

    slow = await snapshots.with_a_past_to_count(pool, [known, limited, new, voucher_changed()])

    assert slow == [limited]
