"""Keeps jobs that change many things going: those started here, and those left behind."""

import asyncio
from itertools import groupby

import asyncpg
import structlog

from campaigns.bin import store as bins
from campaigns.bulk import store as jobs
from campaigns.bulk import verbs
from campaigns.bulk.chunks import do_step
from campaigns.model import Actor
from servicekit.health import Heartbeat
from servicekit.postgres.pool import OUTAGES, transaction

IDLE_SECONDS = 1.0
WAITING_SECONDS = 0.02  # until redemption acts by the last step
OUTAGE_SECONDS = 1.0
SWEEP_SECONDS = 60.0
SWEPT_AT_ONCE = 1000
SYSTEM = Actor("system", "job")

log = structlog.get_logger()


async def run(pool: asyncpg.Pool, started: asyncio.Event, heartbeat: Heartbeat) -> None:
    """Do step after step, for ever; `started` wakes it at once when a job was started here."""
    swept_at = float("-inf")
    while True:
        heartbeat.beat()
        try:
            now = asyncio.get_running_loop().time()
            if now - swept_at > SWEEP_SECONDS:
                await sweep(pool, bins.DAYS)
                swept_at = now
            if await do_step(pool) is None:
                await _rest(pool, started)
        except OUTAGES as outage:
            log.warning("waiting_for_outage", error=repr(outage))
            await asyncio.sleep(OUTAGE_SECONDS)


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
    try:
        # Not `wait_for`: before Python 3.12 it may swallow the cancellation that ends the worker.
        async with asyncio.timeout(IDLE_SECONDS):
            await started.wait()
    except TimeoutError:
        return
    started.clear()
