"""Issues codes: one fixed, one drawn, or many by a job. The caller opened the transaction."""

import secrets

from campaigns import codes, snapshots
from campaigns.actors import Actor
from campaigns.campaigns import store as campaigns
from campaigns.campaigns.verbs import check_not_in_bin
from campaigns.codes import CodeConfig
from campaigns.issuing import store as jobs
from campaigns.issuing.drawing import new_codes, with_id
from campaigns.model import Campaign, CodeTemplate, Metadata, Voucher
from campaigns.refusals import ConflictError, InvalidError, NotFoundError
from campaigns.vouchers import store as vouchers
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

MOST_CODES = 1_000_000  # of one job


async def add_fixed_code(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    code: str,
    *,
    quantity: int | None,
    metadata: Metadata,
    active: bool = True,
) -> Voucher:
    """Issue a code that somebody chose; one that exists raises a unique violation."""
    check_code(code)
    return await add_code(
        conn,
        project_id,
        campaign,
        code,
        quantity=quantity,
        metadata=metadata,
        active=active,
        generated=False,
    )


async def generate_code(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    template: CodeTemplate,
    *,
    metadata: Metadata,
    active: bool = True,
) -> Voucher:
    """Issue one code at random."""
    check_config(template.config, campaign.vouchers_count, 1)
    return await add_code(
        conn,
        project_id,
        campaign,
        await draw_code(conn, project_id, template.config),
        quantity=template.quantity_when_generated,
        metadata=metadata,
        active=active,
        generated=True,
    )


async def add_code(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    code: str,
    *,
    quantity: int | None,
    metadata: Metadata,
    active: bool,
    generated: bool,
) -> Voucher:
    """Issue a code that was chosen or drawn."""
    issued = with_id(code)
    await campaigns.count_vouchers(conn, project_id, campaign.id, 1)
    voucher = await vouchers.add(
        conn,
        project_id,
        campaign.id,
        issued,
        generated=generated,
        quantity=quantity,
        metadata=metadata,
        active=active,
    )
    if await vouchers.any_retired(conn, project_id, [code]):
        raise ConflictError(
            "Duplicate resource found",
            "the project had this code until it was purged: it is refused for ever",
            "duplicate_found",
        )
    await outbox.write(conn, [snapshots.of_voucher(project_id, voucher)])
    return voucher


def check_code(code: str) -> None:
    """Raise when somebody chose what could be taken for an id."""
    if codes.looks_like_voucher_id(code):
        raise InvalidError("A code may not look like the id of a voucher", f"{code} does")


async def draw_code(conn: Connection, project_id: str, config: CodeConfig) -> str:
    """Draw a code that the project has not."""
    fresh = await new_codes(conn, project_id, config, 1)
    if not fresh:
        raise InvalidError("No free code was found", "make codes longer", "not_enough_codes")
    return fresh[0]


async def start_job(
    conn: Connection,
    project_id: str,
    campaign: Campaign,
    wanted: int,
    template: CodeTemplate,
    *,
    metadata: Metadata,
    actor: Actor,
    active: bool = True,
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
        active=active,
        config=template.config,
        metadata=metadata,
        actor=actor,
    )
    return job_id


async def lock_campaign(conn: Connection, project_id: str, named: str) -> Campaign:
    """Hold the campaign that is to get codes, and refuse one that takes no more."""
    campaign = await campaigns.lock(conn, project_id, named)
    if campaign is None:
        raise NotFoundError("campaign", named)
    kind, count = campaign.definition.details.type, campaign.vouchers_count
    check_not_in_bin(campaign)
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
