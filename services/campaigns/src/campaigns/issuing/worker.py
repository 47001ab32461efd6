"""Keeps bulk issues going: those started here, and those that a killed process left behind."""

import asyncio

import asyncpg
import structlog

from campaigns.issuing import store as jobs
from campaigns.issuing.chunks import issue_chunk
from campaigns.metrics import Metrics
from campaigns.refusals import ConflictError
from servicekit.health import Heartbeat
from servicekit.postgres.pool import OUTAGES, transaction

IDLE_SECONDS = 1.0
ENDING_SECONDS = 0.02
OUTAGE_SECONDS = 1.0

# Codes are published with their chunk. A job is called done a moment later, when redemption has
# the last chunk or has had this long to take it.
PATIENCE_SECONDS = 1.0

log = structlog.get_logger()


async def run(
    pool: asyncpg.Pool, started: asyncio.Event, metrics: Metrics, heartbeat: Heartbeat
) -> None:
    """Issue chunk after chunk, for ever; `started` wakes it at once when a job was started here."""
    while True:
        heartbeat.beat()
        try:
            issued = await issue_chunk(pool)
            metrics.codes_issued.inc(issued or 0)
            if issued is None:
                await _end_jobs_or_rest(pool, started)
        except (asyncpg.UniqueViolationError, ConflictError):
            log.info("chunk_repeated")  # somebody took a drawn code first
        except OUTAGES as outage:
            log.warning("waiting_for_outage", error=repr(outage))
            await asyncio.sleep(OUTAGE_SECONDS)


async def _end_jobs_or_rest(pool: asyncpg.Pool, started: asyncio.Event) -> None:
    async with transaction(pool) as conn:
        await jobs.finish(conn, PATIENCE_SECONDS)
        ending = await jobs.any_open(conn)
    if ending:
        await asyncio.sleep(ENDING_SECONDS)
        return
    try:
        # Not `wait_for`: before Python 3.12 it may swallow the cancellation that ends the worker.
        async with asyncio.timeout(IDLE_SECONDS):
            await started.wait()
    except TimeoutError:
        return
    started.clear()
