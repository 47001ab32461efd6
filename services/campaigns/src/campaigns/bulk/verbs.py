"""Starts, stops and undoes jobs that change many things. The caller opened the transaction."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from campaigns.actors import Actor
from campaigns.bin.store import BinKind
from campaigns.bulk import items as job_items
from campaigns.bulk import store as jobs
from campaigns.bulk.acts import Action
from campaigns.bulk.items import Result
from campaigns.bulk.store import BulkJob
from campaigns.campaigns import many as campaigns
from campaigns.model import Campaign
from campaigns.refusals import ConflictError, InvalidError, NotFoundError
from campaigns.vouchers import many as vouchers
from servicekit.postgres.pool import Connection

MOST_AT_ONCE = 1_000_000  # of one job, as of a bulk issue


async def start(
    conn: Connection,
    project_id: str,
    kind: BinKind,
    action: Action,
    actor: Actor,
    *,
    targets: Sequence[str],
    changes: dict[str, Any] | None = None,
) -> str:
    """Promise a change of these, each once and in this order; return the job's id."""
    distinct = list(dict.fromkeys(targets))
    check_count(len(distinct))
    job_id = new_id()
    await jobs.add(
        conn,
        project_id,
        job_id,
        actor,
        kind=kind,
        action=action,
        wanted=len(distinct),
        changes=changes or {},
    )
    await job_items.add(conn, project_id, job_id, distinct)
    return job_id


async def resolve(
    conn: Connection, project_id: str, kind: BinKind, named: Sequence[str]
) -> list[str]:
    """Return ids, in place of the codes or names that were sent; what there is not stays."""
    many = vouchers if kind == "voucher" else campaigns
    ids = await many.resolve(conn, project_id, set(named))
    return list(dict.fromkeys(ids.get(each, each) for each in named))


async def note_discarded(
    conn: Connection, project_id: str, actor: Actor, campaign: Campaign, job_id: str
) -> None:
    """Keep as a job that a campaign was moved to the bin just now: the reference promises one."""
    await jobs.add(
        conn, project_id, job_id, actor, kind="campaign", action="delete", wanted=1, changes={}
    )
    await job_items.add(conn, project_id, job_id, [campaign.id])
    name, was = campaign.definition.name, {"deleted": False}
    done = Result(1, "done", name, before=was, version=campaign.version)
    await job_items.add_progress(conn, project_id, job_id, [done])


def new_id() -> str:
    return "aa_" + secrets.token_hex(9)


async def stop(conn: Connection, project_id: str, job_id: str) -> BulkJob:
    """End a job between two of its steps; what it did stays, and can be undone."""
    job = await _lock(conn, project_id, job_id)
    if job.status in {"DONE", "FAILED"}:
        raise InvalidError("It is over", f"the job is {job.status}", "already_over")
    await jobs.stop(conn, project_id, job_id)
    return await get(conn, project_id, job_id)


async def undo(conn: Connection, project_id: str, job_id: str, actor: Actor) -> tuple[str, int]:
    """Give back exactly what a job changed, as a job of its own; return its id and its count."""
    job = await _lock(conn, project_id, job_id)
    if job.status not in {"DONE", "FAILED"}:
        raise InvalidError("It is not over", "stop it first, or wait", "not_over")
    if job.action == "purge":
        raise InvalidError("What was purged is gone for ever", job_id, "not_undoable")
    if job.undone:
        raise ConflictError("It is undone already", job_id, "already_undone")
    if job.undo_until is None or datetime.now(UTC) > job.undo_until:
        raise InvalidError(
            "It is too late to undo it",
            f"that is possible for {jobs.UNDO_MINUTES} minutes after its end",
            "undo_expired",
        )
    check_count(job.done)
    undo_id = new_id()
    await jobs.add(
        conn,
        project_id,
        undo_id,
        actor,
        kind=job.kind,
        action="undo",
        wanted=job.done,
        changes={},
        undo_of=job_id,
    )
    await job_items.add_to_undo(conn, project_id, undo_id, job_id)
    return undo_id, job.done


async def get(conn: Connection, project_id: str, job_id: str) -> BulkJob:
    job = await jobs.find(conn, project_id, job_id)
    if job is None:
        raise NotFoundError("async_action", job_id)
    return job


def check_count(count: int) -> None:
    """Raise where nothing is selected, which is never meant, and where it is more than can be."""
    if count == 0:
        raise InvalidError("Nothing is selected", "name .ids, or a .filter", "nothing_selected")
    if count > MOST_AT_ONCE:
        raise InvalidError(
            f"More than {MOST_AT_ONCE:,} are selected", "narrow the filter", "too_many_selected"
        )


async def _lock(conn: Connection, project_id: str, job_id: str) -> BulkJob:
    job = await jobs.lock(conn, project_id, job_id)
    if job is None:
        raise NotFoundError("async_action", job_id)
    return job
