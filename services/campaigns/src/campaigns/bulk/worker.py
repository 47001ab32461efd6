"""Keeps jobs that change many things going: those started here, and those left behind."""

import asyncio
from itertools import groupby

import asyncpg

from campaigns.actors import Actor
from campaigns.bin import store as bins
from campaigns.bulk import store as jobs
from campaigns.bulk import verbs
from campaigns.bulk.chunks import do_step
from campaigns.jobs import rest, work
from servicekit.health import Heartbeat
from servicekit.postgres.pool import transaction

WAITING_SECONDS = 0.02  # until redemption acts by the last step
SWEEP_SECONDS = 60.0
SWEPT_AT_ONCE = 1000
SYSTEM = Actor("system", "job")


async def run(pool: asyncpg.Pool, started: asyncio.Event, heartbeat: Heartbeat) -> None:
    """Do step after step, for ever; `started` wakes it at once when a job was started here."""
    swept_at = float("-inf")

    async def turn() -> None:
        nonlocal swept_at
        now = asyncio.get_running_loop().time()
        if now - swept_at > SWEEP_SECONDS:
            swept_at = now  # also where it fails: jobs go on
            if await sweep(pool, bins.DAYS):
                swept_at = float("-inf")  # there may be more
                return
        if await do_step(pool) is None:
            await _rest(pool, started)

    await work(heartbeat, turn)


async def sweep(pool: asyncpg.Pool, days: int) -> int:
    """Begin to purge what has been in the bin for so long; return how many."""
    async with transaction(pool) as conn:
        due = await bins.begin_purging_oldest(conn, days, SWEPT_AT_ONCE)
        for (project_id, kind), things in groupby(due, key=lambda each: each[:2]):
            targets = [thing for _, _, thing in things]
            await verbs.start(conn, project_id, kind, "purge", SYSTEM, targets=targets)
    return len(due)


async def _rest(pool: asyncpg.Pool, started: asyncio.Event) -> None:
    async with transaction(pool) as conn:
        waiting = await jobs.any_open(conn)
    if waiting:
        await asyncio.sleep(WAITING_SECONDS)
        return
    await rest(started)
