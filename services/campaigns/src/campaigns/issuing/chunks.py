"""Issues many codes, a chunk a transaction.

A job stores a chunk, publishes it and counts it in one transaction. So a kill at any moment
leaves a whole number of chunks, and whoever finds the job open draws what is missing: never one
code more.
"""

from collections.abc import Sequence

import asyncpg
import structlog

from campaigns import snapshots
from campaigns.campaigns import store as campaigns
from campaigns.issuing import store as jobs
from campaigns.issuing.drawing import new_codes, with_id
from campaigns.jobs import do_step
from campaigns.model import Job
from campaigns.refusals import ConflictError
from campaigns.vouchers import store as vouchers
from contracts.vouchers import CHUNK_SIZE, Chunk
from servicekit.postgres import outbox
from servicekit.postgres.outbox import Lane
from servicekit.postgres.pool import Connection

TAKEN = (asyncpg.UniqueViolationError, ConflictError)  # a drawn code: other ones are drawn

log = structlog.get_logger()


async def issue_chunk(pool: asyncpg.Pool) -> int | None:
    """Issue the next chunk of some open job; return how many codes, or None without a job."""
    return await do_step(pool, jobs.lock_next, _issue, jobs.fail, repeated=TAKEN)


async def _issue(conn: Connection, job: Job) -> int:
    fresh = await new_codes(
        conn, job.project_id, job.config, min(CHUNK_SIZE, job.wanted - job.done)
    )
    if fresh:
        await _store_chunk(conn, job, fresh)
    else:
        await jobs.fail(conn, job, "no free code was found")
        log.warning("bulk_issue_failed", job_id=job.id, campaign_id=job.campaign_id)
    return len(fresh)


async def _store_chunk(conn: Connection, job: Job, fresh: Sequence[str]) -> None:
    issued = tuple(with_id(code) for code in fresh)
    number = await campaigns.open_chunk(conn, job.project_id, job.campaign_id, len(issued))
    await vouchers.add_chunk(
        conn,
        job.project_id,
        job.campaign_id,
        number,
        issued,
        quantity=job.quantity,
        active=job.active,
        metadata=job.metadata,
    )
    if await vouchers.any_retired(conn, job.project_id, fresh):
        raise ConflictError("Code was purged", "another one is drawn", "duplicate_found")
    at = await jobs.add_progress(conn, job.project_id, job.id, len(issued), number)
    chunk = Chunk(
        campaign_id=job.campaign_id,
        number=number,
        quantity=job.quantity,
        active=job.active,
        vouchers=issued,
    )
    await outbox.write(conn, [snapshots.of_chunk(job.project_id, chunk, at)], Lane.BULK)
