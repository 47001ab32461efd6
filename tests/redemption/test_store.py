"""Statements on their own: what the batches above them rely on."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from redemption_samples import a_request, an_offer, campaign_changed, voucher_changed

from contracts.ids import uuid7
from redemption import snapshots, store
from redemption.decisions import Accepted

CAMPAIGNS = [("proj_a", f"camp_{n:02}") for n in range(40)]
CUSTOMERS = [("proj_a", f"cust_{n:02}") for n in range(40)]


async def in_any_order(things: list[Any], work: Callable[[list[Any]], Awaitable[Any]]) -> None:
    """Let rivals work on the same things at once, each in an order of its own.

    A process sees a set in the order of its own hash seed: what one test process does in one
    order, eight replicas do in eight.
    """

    async def rival(seed: int) -> None:
        for turn in range(5):
            shuffled = random.Random(f"{seed} {turn}").sample(things, len(things))  # noqa: S311
            await work(shuffled)

    async with asyncio.TaskGroup() as rivals:  # a DeadlockDetectedError ends it
        for seed in range(8):
            rivals.create_task(rival(seed))


async def test_counters_are_locked_in_one_order_however_they_are_named(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(name) for _, name in CAMPAIGNS])

    async def lock(campaigns: list[tuple[str, str]]) -> None:
        async with pool.acquire() as conn, conn.transaction():
            await store.lock_counters(conn, campaigns)

    await in_any_order(CAMPAIGNS, lock)


async def test_customers_are_met_in_one_order_however_they_come(pool: asyncpg.Pool) -> None:
    welcomed: list[tuple[str, str]] = []

    async def meet(customers: list[tuple[str, str]]) -> None:
        firsts = {c: Accepted(uuid7(), a_request(), an_offer(), 0, 1, 1) for c in customers}
        async with pool.acquire() as conn, conn.transaction():
            welcomed.extend(await store.meet_customers(conn, firsts))

    await in_any_order(CUSTOMERS, meet)

    assert sorted(welcomed) == CUSTOMERS


async def test_snapshots_hold_campaigns_in_one_order_however_they_come(pool: asyncpg.Pool) -> None:
    async def change(campaigns: list[tuple[str, str]]) -> None:
        await snapshots.apply(pool, [campaign_changed(name) for _, name in campaigns])

    await in_any_order(CAMPAIGNS, change)


async def test_a_code_is_found_in_its_own_project_alone(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed("A")])

    async with pool.acquire() as conn:
        found = await store.locate(conn, [("proj_a", "A"), ("proj_b", "A"), ("proj_a", "B")])

    assert found == {("proj_a", "A"): ("proj_a", "camp_1")}


async def test_codes_are_told_apart_to_the_letter(pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(), voucher_changed("Ä-1")])

    asked = [("proj_a", code) for code in ("Ä-1", "ä-1", "A-1", "A\u0308-1", "Ä-1 ")]

    async with pool.acquire() as conn:
        assert set(await store.locate(conn, asked)) == {("proj_a", "Ä-1")}
