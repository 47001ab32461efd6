"""Issues codes: one fixed, one drawn, or many by a job.

A job stores a chunk, publishes it and counts it in one transaction. So a kill at any moment
leaves a whole number of chunks, and whoever finds the job open draws what is missing: never one
code more. Rivals cannot draw for one job at once: its row is held for the length of a chunk.
"""

import secrets
from collections.abc import Sequence
from itertools import islice

import asyncpg
import structlog

from campaigns import codes, snapshots
from campaigns.codes import Shape
from campaigns.definitions import Campaign, Codes, Job, Metadata, Voucher
from campaigns.refusals import InvalidError, NotFoundError
from campaigns.store import campaigns, jobs, outbox, vouchers
from campaigns.store.connecting import Connection, transaction
from contracts.vouchers import CHUNK_SIZE, Chunk, IssuedCode

MOST_CODES = 1_000_000  # of one job
VOUCHER_ID = Shape(prefix="v_", length=32)
ROUNDS = 50  # of drawing again what was taken; with the room that a shape must have, few are used

log = structlog.get_logger()


async def fixed_code(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    code: str,
    like: Codes,
    *,
    metadata: Metadata,
) -> Voucher:
    """Issue a code that somebody chose; one that exists raises a unique violation."""
    return await _one(
        conn, project_id, campaign, code, quantity=like.quantity, metadata=metadata, drawn=False
    )


async def drawn_code(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    like: Codes,
    metadata: Metadata,
) -> Voucher:
    """Issue one code at random."""
    refuse_shape(like.shape, campaign.vouchers_count, 1)
    fresh = await _fresh_codes(conn, project_id, like.shape, 1)
    if not fresh:
        raise InvalidError("No free code was found", "make codes longer", "not_enough_codes")
    return await _one(
        conn,
        project_id,
        campaign,
        fresh[0],
        quantity=like.of_each_drawn,
        metadata=metadata,
        drawn=True,
    )


async def start_job(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    wanted: int,
    like: Codes,
    *,
    metadata: Metadata,
    request_id: str,
) -> str:
    """Promise so many codes and return the id under which their progress is told."""
    promised = await jobs.promised(conn, project_id, campaign.id)
    refuse_shape(like.shape, campaign.vouchers_count + promised, wanted)
    job_id = "aa_" + secrets.token_hex(9)
    await jobs.add(
        conn,
        project_id,
        job_id,
        campaign.id,
        wanted=wanted,
        quantity=like.of_each_drawn,
        shape=like.shape,
        metadata=metadata,
        request_id=request_id,
    )
    return job_id


async def issue_chunk(pool: asyncpg.Pool) -> int | None:
    """Issue the next chunk of some open job; return how many codes, or None without a job."""
    async with transaction(pool) as conn:
        job = await jobs.take(conn)
        if job is None:
            return None
        fresh = await _fresh_codes(
            conn, job.project_id, job.shape, min(CHUNK_SIZE, job.wanted - job.done)
        )
        if fresh:
            await _store_chunk(conn, job, fresh)
        else:
            await jobs.fail(conn, job.project_id, job.id, "no free code was found")
            log.warning("bulk issue failed", job_id=job.id, campaign_id=job.campaign_id)
    return len(fresh)


async def campaign_for_issue(conn: Connection, project_id: str, named: str) -> Campaign:
    """Hold the campaign that is to get codes, and refuse one that takes no more."""
    campaign = await campaigns.lock(conn, project_id, named)
    if campaign is None:
        raise NotFoundError("campaign", named)
    growth, count = campaign.terms.growth, campaign.vouchers_count
    if growth == "STATIC" or (growth == "STANDALONE" and count > 0):
        raise InvalidError(
            f"A campaign of type {growth} gets no more codes",
            f"{campaign.terms.name} has {count} codes",
            "invalid_campaign",
        )
    return campaign


def refuse_many(campaign: Campaign) -> None:
    """Raise when the campaign is of the kind that has a single code."""
    if campaign.terms.growth == "STANDALONE":
        raise InvalidError(
            "A campaign of type STANDALONE has one code",
            f"more than one was asked for {campaign.terms.name}",
            "invalid_campaign",
        )


def refuse_shape(shape: Shape, existing: int, wanted: int) -> None:
    """Raise when no code, or not so many, can have this shape."""
    objection = codes.objection(shape) or codes.shortage(shape, existing, wanted)
    if objection is not None:
        raise InvalidError(
            "Property .code_config cannot make these codes", objection, "invalid_code_config"
        )


async def _one(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    code: str,
    *,
    quantity: int | None,
    metadata: Metadata,
    drawn: bool,
) -> Voucher:
    issued = _with_id(code)
    await campaigns.add_vouchers(conn, project_id, campaign.id, 1)
    voucher = await vouchers.add(
        conn, project_id, campaign.id, issued, drawn=drawn, quantity=quantity, metadata=metadata
    )
    await outbox.write(conn, [snapshots.of_voucher(project_id, voucher)])
    return voucher


def _with_id(code: str) -> IssuedCode:
    # A random id is a code of another shape: one draw instead of 32.
    return IssuedCode(id=codes.fill(VOUCHER_ID, secrets.randbelow(VOUCHER_ID.space)), code=code)


async def _store_chunk(conn: Connection, job: Job, fresh: Sequence[str]) -> None:
    issued = tuple(_with_id(code) for code in fresh)
    number = await campaigns.open_chunk(conn, job.project_id, job.campaign_id, len(issued))
    await vouchers.add_chunk(
        conn,
        job.project_id,
        job.campaign_id,
        number,
        issued,
        quantity=job.quantity,
        metadata=job.metadata,
    )
    at = await jobs.advance(conn, job.project_id, job.id, len(issued), number)
    chunk = Chunk(
        campaign_id=job.campaign_id, number=number, quantity=job.quantity, vouchers=issued
    )
    await outbox.write(conn, [snapshots.of_chunk(job.project_id, chunk, at)])


async def _fresh_codes(conn: Connection, project_id: str, shape: Shape, count: int) -> list[str]:
    """Draw codes that the project has not; fewer than asked for, or none, when they run out."""
    drawing = codes.draw(shape, secrets.randbelow)
    fresh: dict[str, None] = {}
    for _ in range(ROUNDS):
        drawn = {code: None for code in islice(drawing, count - len(fresh)) if code not in fresh}
        for code in await vouchers.taken(conn, project_id, drawn):
            del drawn[code]
        fresh |= drawn
        if len(fresh) == count:
            break
    return list(fresh)
