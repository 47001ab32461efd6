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
from campaigns.campaigns import store as campaigns
from campaigns.codes import CodeConfig
from campaigns.issuing import store as jobs
from campaigns.model import Campaign, CodeTemplate, Job, Metadata, Voucher
from campaigns.refusals import InvalidError, NotFoundError
from campaigns.vouchers import store as vouchers
from contracts.vouchers import CHUNK_SIZE, Chunk, IssuedCode
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection, transaction

MOST_CODES = 1_000_000  # of one job
VOUCHER_ID = CodeConfig(prefix="v_", length=32)
ROUNDS = 50  # of drawing again what was taken; with the room that there must be, few are used

log = structlog.get_logger()


async def add_fixed_code(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    code: str,
    *,
    quantity: int | None,
    metadata: Metadata,
) -> Voucher:
    """Issue a code that somebody chose; one that exists raises a unique violation."""
    return await _add(
        conn, project_id, campaign, code, quantity=quantity, metadata=metadata, generated=False
    )


async def generate_code(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    template: CodeTemplate,
    metadata: Metadata,
) -> Voucher:
    """Issue one code at random."""
    check_config(template.config, campaign.vouchers_count, 1)
    fresh = await _generate_new(conn, project_id, template.config, 1)
    if not fresh:
        raise InvalidError("No free code was found", "make codes longer", "not_enough_codes")
    return await _add(
        conn,
        project_id,
        campaign,
        fresh[0],
        quantity=template.quantity_when_generated,
        metadata=metadata,
        generated=True,
    )


async def start_job(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    wanted: int,
    template: CodeTemplate,
    *,
    metadata: Metadata,
    request_id: str,
) -> str:
    """Promise so many codes and return the id under which their progress is told."""
    pending = await jobs.pending_count(conn, project_id, campaign.id)
    check_config(template.config, campaign.vouchers_count + pending, wanted)
    job_id = "aa_" + secrets.token_hex(9)
    await jobs.add(
        conn,
        project_id,
        job_id,
        campaign.id,
        wanted=wanted,
        quantity=template.quantity_when_generated,
        config=template.config,
        metadata=metadata,
        request_id=request_id,
    )
    return job_id


async def issue_chunk(pool: asyncpg.Pool) -> int | None:
    """Issue the next chunk of some open job; return how many codes, or None without a job."""
    async with transaction(pool) as conn:
        job = await jobs.lock_next(conn)
        if job is None:
            return None
        fresh = await _generate_new(
            conn, job.project_id, job.config, min(CHUNK_SIZE, job.wanted - job.done)
        )
        if fresh:
            await _store_chunk(conn, job, fresh)
        else:
            await jobs.fail(conn, job.project_id, job.id, "no free code was found")
            log.warning("bulk issue failed", job_id=job.id, campaign_id=job.campaign_id)
    return len(fresh)


async def lock_campaign(conn: Connection, project_id: str, named: str) -> Campaign:
    """Hold the campaign that is to get codes, and refuse one that takes no more."""
    campaign = await campaigns.lock(conn, project_id, named)
    if campaign is None:
        raise NotFoundError("campaign", named)
    kind, count = campaign.definition.details.type, campaign.vouchers_count
    if kind == "STATIC" or (kind == "STANDALONE" and count > 0):
        raise InvalidError(
            f"A campaign of type {kind} gets no more codes",
            f"{campaign.definition.name} has {count} codes",
            "invalid_campaign",
        )
    return campaign


def check_may_have_many(campaign: Campaign) -> None:
    """Raise when the campaign is of the kind that has a single code."""
    if campaign.definition.details.type == "STANDALONE":
        raise InvalidError(
            "A campaign of type STANDALONE has one code",
            f"more than one was asked for {campaign.definition.name}",
            "invalid_campaign",
        )


def check_config(config: CodeConfig, existing: int, wanted: int) -> None:
    """Raise when no code, or not so many, can look like this."""
    objection = codes.check_config(config) or codes.check_capacity(config, existing, wanted)
    if objection is not None:
        raise InvalidError(
            "Property .code_config cannot make these codes", objection, "invalid_code_config"
        )


async def _add(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    code: str,
    *,
    quantity: int | None,
    metadata: Metadata,
    generated: bool,
) -> Voucher:
    issued = _with_id(code)
    await campaigns.count_vouchers(conn, project_id, campaign.id, 1)
    voucher = await vouchers.add(
        conn,
        project_id,
        campaign.id,
        issued,
        generated=generated,
        quantity=quantity,
        metadata=metadata,
    )
    await outbox.write(conn, [snapshots.of_voucher(project_id, voucher)])
    return voucher


def _with_id(code: str) -> IssuedCode:
    # A random id is a code of another look: one draw instead of 32.
    number = secrets.randbelow(VOUCHER_ID.capacity)
    return IssuedCode(id=codes.encode(VOUCHER_ID, number), code=code)


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
    at = await jobs.add_progress(conn, job.project_id, job.id, len(issued), number)
    chunk = Chunk(
        campaign_id=job.campaign_id, number=number, quantity=job.quantity, vouchers=issued
    )
    await outbox.write(conn, [snapshots.of_chunk(job.project_id, chunk, at)])


async def _generate_new(
    conn: Connection, project_id: str, config: CodeConfig, count: int
) -> list[str]:
    """Draw codes that the project has not; fewer than asked for, or none, when they run out."""
    generated = codes.generate(config, secrets.randbelow)
    fresh: dict[str, None] = {}
    for _ in range(ROUNDS):
        new = {code: None for code in islice(generated, count - len(fresh)) if code not in fresh}
        for code in await vouchers.existing_codes(conn, project_id, new):
            del new[code]
        fresh |= new
        if len(fresh) == count:
            break
    return list(fresh)
