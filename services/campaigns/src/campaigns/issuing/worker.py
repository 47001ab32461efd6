"""Keeps bulk issues going: those started here, and those that a killed process left behind."""

import asyncio

import asyncpg
import structlog

from campaigns.issuing import store as jobs
from campaigns.issuing.chunks import TAKEN, issue_chunk
from campaigns.jobs import rest, work
from campaigns.metrics import Metrics
from servicekit.health import Heartbeat
from servicekit.postgres.pool import transaction

ENDING_SECONDS = 0.02

# Codes are published with their chunk. A job is called done a moment later, when redemption has
# the last chunk or has had this long to take it.
PATIENCE_SECONDS = 1.0

log = structlog.get_logger()


async def run(
    pool: asyncpg.Pool, started: asyncio.Event, metrics: Metrics, heartbeat: Heartbeat
) -> None:
    """Issue chunk after chunk, for ever; `started` wakes it at once when a job was started here."""

    async def turn() -> None:
        try:
            issued = await issue_chunk(pool)
        except TAKEN:
            log.info("chunk_repeated")  # somebody took a drawn code first
            return
        metrics.codes_issued.inc(issued or 0)
        if issued is None:
            await _end_jobs_or_rest(pool, started)

    await work(heartbeat, turn)


async def _end_jobs_or_rest(pool: asyncpg.Pool, started: asyncio.Event) -> None:
    async with transaction(pool) as conn:
        await jobs.finish(conn, PATIENCE_SECONDS)
        ending = await jobs.any_open(conn)
    if ending:
        await asyncio.sleep(ENDING_SECONDS)
        return
    await rest(started)
