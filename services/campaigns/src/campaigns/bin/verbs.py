"""Moves campaigns and codes to the bin and back, and removes them for ever. Within a transaction.

What is in the bin is told to redemption as switched off, and so it stays there once it is purged:
nobody redeems it, and its codes are nobody else's ever. The ledger and reports keep their names,
and history keeps what happened.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from campaigns import snapshots
from campaigns.actors import Actor, Target, TargetKind
from campaigns.bin import store as bins
from campaigns.campaigns import many as campaigns
from campaigns.campaigns.verbs import publish_snapshots
from campaigns.history import differences
from campaigns.history import store as history
from campaigns.history.store import Entry
from campaigns.history.verbs import reaffirm
from campaigns.issuing import store as issue_jobs
from campaigns.model import Campaign, Voucher
from campaigns.projects import store as projects
from campaigns.refusals import NotFoundError
from campaigns.vouchers import many as vouchers
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

CODES_A_STEP: Final = 1000


async def discard_campaign(
    conn: Connection, project_id: str, actor: Actor, current: Campaign, job_id: str
) -> Campaign:
    """Move a campaign that is held to the bin, by this job.

    What is there already is a new version where another put it there, as with switches.
    """
    there = current.deleted_at is not None
    if there and not await reaffirm(conn, project_id, actor, "deleted", current.target):
        return current
    wanted = replace(current, deleted_at=current.deleted_at or datetime.now(UTC))
    await campaigns.change(conn, project_id, [wanted])
    [discarded] = await publish_snapshots(conn, project_id, [current.id], may_grow=False)
    if not there:
        await bins.add(conn, project_id, "campaign", [current.id], by=actor.id, job_id=job_id)
        await _remember(conn, project_id, actor, "deleted", [current.target])
    return discarded


async def restore_campaign(
    conn: Connection, project_id: str, actor: Actor, current: Campaign
) -> Campaign:
    """Take a campaign that is held out of the bin, switched as it was."""
    if current.deleted_at is None:
        return current
    await _check_not_purging(conn, project_id, "campaign", current.id)
    await campaigns.change(conn, project_id, [replace(current, deleted_at=None)])
    [restored] = await publish_snapshots(conn, project_id, [current.id], may_grow=False)
    await bins.remove(conn, project_id, [current.id])
    await _remember(conn, project_id, actor, "restored", [current.target])
    return restored


async def discard_voucher(
    conn: Connection, project_id: str, actor: Actor, current: Voucher
) -> Voucher:
    """Move a code that is held to the bin; a second time as with campaigns."""
    there = current.deleted_at is not None
    if there and not await reaffirm(conn, project_id, actor, "deleted", current.target):
        return current
    wanted = replace(current, deleted_at=current.deleted_at or datetime.now(UTC))
    [discarded] = await vouchers.change(conn, project_id, [wanted])
    await outbox.write(conn, [snapshots.of_voucher(project_id, discarded)])
    if not there:
        await bins.add(conn, project_id, "voucher", [current.id], by=actor.id)
        await _remember(conn, project_id, actor, "deleted", [current.target])
    return discarded


async def restore_voucher(
    conn: Connection, project_id: str, actor: Actor, current: Voucher
) -> Voucher:
    """Take a code that is held out of the bin, switched as it was."""
    if current.deleted_at is None:
        return current
    await _check_not_purging(conn, project_id, "voucher", current.id)
    [restored] = await vouchers.change(conn, project_id, [replace(current, deleted_at=None)])
    await outbox.write(conn, [snapshots.of_voucher(project_id, restored)])
    await bins.remove(conn, project_id, [current.id])
    await _remember(conn, project_id, actor, "restored", [current.target])
    return restored


async def purge_vouchers(
    conn: Connection, project_id: str, actor: Actor, ids: Sequence[str]
) -> dict[str, str]:
    """Remove codes in the bin for ever, and the campaigns of standalone ones; return their codes.

    Campaigns are held first and codes then, as by whoever issues codes. One that has codes left
    stays, whosever it was: nothing that a store holds may end the worker of all projects.
    """
    homes = await campaigns.of_vouchers(conn, project_id, ids)
    await projects.lock(conn, project_id)
    await campaigns.lock(conn, project_id, sorted(homes))
    held = [each for each in await vouchers.lock(conn, project_id, ids) if each.deleted_at]
    gone = await vouchers.remove(conn, project_id, [each.id for each in held])
    for campaign_id, count in gone.items():
        await campaigns.count_gone(conn, project_id, campaign_id, count)
        if homes[campaign_id] and not await vouchers.ids_of_campaign(
            conn, project_id, campaign_id, 1
        ):
            await campaigns.remove(conn, project_id, campaign_id)
    await bins.remove(conn, project_id, ids)
    await _remember(conn, project_id, actor, "purged", [each.target for each in held])
    return {each.id: each.code for each in held}


async def purge_campaign(
    conn: Connection, project_id: str, actor: Actor, campaign_id: str
) -> dict[str, str] | None:
    """Remove a campaign in the bin for ever, with its codes, some at a time.

    Returns None while codes are left; then its name, by its id, or nothing where there is none.
    """
    await issue_jobs.remove_all(conn, project_id, campaign_id)
    await projects.lock(conn, project_id)
    held = [
        each for each in await campaigns.lock(conn, project_id, [campaign_id]) if each.deleted_at
    ]
    if not held:
        return {}
    some = await vouchers.ids_of_campaign(conn, project_id, campaign_id, CODES_A_STEP)
    if some:
        await vouchers.lock(conn, project_id, some)
        gone = await vouchers.remove(conn, project_id, some)
        await campaigns.count_gone(conn, project_id, campaign_id, gone[campaign_id])
        await bins.remove(conn, project_id, some)
        return None
    [campaign] = held
    await campaigns.remove(conn, project_id, campaign_id)
    await bins.remove(conn, project_id, [campaign_id])
    await _remember(conn, project_id, actor, "purged", [campaign.target])
    return {campaign_id: campaign.definition.name}


async def _check_not_purging(
    conn: Connection, project_id: str, kind: TargetKind, thing: str
) -> None:
    if await bins.purging(conn, project_id, [thing]):
        raise NotFoundError(kind, thing)


async def _remember(
    conn: Connection, project_id: str, actor: Actor, verb: str, targets: Sequence[Target]
) -> None:
    before = {"deleted": verb != "deleted"}
    after = None if verb == "purged" else {"deleted": verb == "deleted"}
    changes = differences.between(before, after)
    await history.add(conn, project_id, actor, [Entry(verb, each, changes) for each in targets])
