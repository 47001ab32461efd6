"""Jobs over HTTP: many things changed at once, and all jobs of the project."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.cursors import Cursor
from campaigns.api.exports import AS_CSV, WantsCsv, file_name
from campaigns.api.fields import Moment
from campaigns.api.paths import PathParam
from campaigns.bin.store import BinKind
from campaigns.bulk import items as job_items
from campaigns.bulk import store as jobs
from campaigns.bulk import verbs
from campaigns.bulk.bodies import (
    BulkJobId,
    JobObject,
    Jobs,
    NewBulkJob,
    NotDoneList,
    issue_response,
    job_response,
    jobs_response,
    not_done_response,
)
from campaigns.bulk.items import NotDone
from campaigns.bulk.store import BulkJob
from campaigns.history.actors import ActorObject
from campaigns.issuing import store as issue_jobs
from campaigns.keys.makers import makers
from campaigns.listing import verbs as listing
from campaigns.model import Job
from campaigns.refusals import ConflictError, NotFoundError
from contracts.text import trim_name
from servicekit.http.csv_lines import Block, csv_response
from servicekit.http.openapi import error_response
from servicekit.postgres.pool import Connection, connection, transaction

router = APIRouter(prefix="/v1", tags=["async actions"])

A_BLOCK: Final = 1000
Limit = Annotated[int, Query(ge=1, le=100)]
CHANGED: Final[dict[int | str, dict[str, Any]]] = {
    409: error_response(
        "What was selected, or what the job did, is another thing by now",
        409,
        ("selection_changed", "Another number of things is selected"),
        ("already_undone", "It is undone already"),
    )
}


@router.post("/vouchers/bulk", status_code=202, responses=CHANGED)
async def change_vouchers(body: NewBulkJob, caller: CurrentCaller, deps: Deps) -> BulkJobId:
    """Change many codes, named by themselves or their ids."""
    return await _start(deps, caller, "voucher", body)


@router.post("/campaigns/bulk", status_code=202, responses=CHANGED)
async def change_campaigns(body: NewBulkJob, caller: CurrentCaller, deps: Deps) -> BulkJobId:
    """Change many campaigns, named by their names or ids."""
    return await _start(deps, caller, "campaign", body)


@router.get("/async-actions")
async def list_async_actions(
    caller: CurrentCaller,
    deps: Deps,
    *,
    limit: Limit = 10,
    end_date: Annotated[Moment | None, Query(description="Those begun before.")] = None,
    cursor: Cursor = None,
) -> Jobs:
    """All jobs of the project, newest first."""
    project_id = caller.project_id
    async with connection(deps.reading(caller)) as conn:
        bulk = await jobs.page(
            conn, project_id, before=end_date, older_than=cursor, limit=limit + 1
        )
        issues = await issue_jobs.page(
            conn, project_id, before=end_date, older_than=cursor, limit=limit + 1
        )
        found = await _shown(conn, project_id, [*bulk, *issues])
    found.sort(key=lambda job: (job.created_at, job.id), reverse=True)
    return jobs_response(found, limit)


@router.get("/async-actions/{action}")
async def get_async_action(action: PathParam, caller: CurrentCaller, deps: Deps) -> JobObject:
    """Show how far a job got."""
    async with connection(deps.reading(caller)) as conn:
        return await _job(conn, caller.project_id, action)


@router.get("/async-actions/{action}/failures", response_model=NotDoneList, responses=AS_CSV)
async def list_failures(
    action: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    as_csv: WantsCsv,
    *,
    limit: Limit = 10,
    cursor: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> NotDoneList | Response:
    """Show what a job skipped and what failed, and why; as CSV all that follow."""
    async with connection(deps.reading(caller)) as conn:
        await _job(conn, caller.project_id, action)
        if not as_csv:
            found = await job_items.not_done(
                conn, caller.project_id, action, after=cursor, limit=limit + 1
            )
            return not_done_response(found, limit)
    name = file_name(caller.project_id, f"failures-{action}")
    return csv_response(name, NotDone._fields, _failures(deps, caller, action, cursor))


async def _failures(
    deps: Dependencies, caller: Caller, action: str, after: int
) -> AsyncIterator[Block]:
    """Read some at a time, and hold no connection while they are sent."""
    while True:
        async with connection(deps.reading(caller)) as conn:
            found = await job_items.not_done(
                conn, caller.project_id, action, after=after, limit=A_BLOCK
            )
        if not found:
            return
        yield found
        after = found[-1].number


@router.post("/async-actions/{action}/stop")
async def stop_async_action(action: PathParam, caller: CurrentCaller, deps: Deps) -> JobObject:
    """End a job between two of its steps; what it did stays."""
    async with transaction(deps.changing(caller)) as conn:
        stopped = await verbs.stop(conn, caller.project_id, action)
        [shown] = await _shown(conn, caller.project_id, [stopped])
    deps.bulk_started.set()
    return shown


@router.post("/async-actions/{action}/undo", status_code=202, responses=CHANGED)
async def undo_async_action(action: PathParam, caller: CurrentCaller, deps: Deps) -> BulkJobId:
    """Give back exactly what a job changed; what was changed since stays, and is told."""
    async with transaction(deps.changing(caller)) as conn:
        job_id, count = await verbs.undo(conn, caller.project_id, action, caller.actor)
    deps.bulk_started.set()
    return BulkJobId(async_action_id=job_id, count=count)


async def _start(deps: Dependencies, caller: Caller, kind: BinKind, body: NewBulkJob) -> BulkJobId:
    changes = body.changes()
    async with transaction(deps.changing(caller)) as conn:
        targets = await _targets(conn, caller, kind, body)
        if body.expected_count not in {None, len(targets)}:
            raise ConflictError(
                "Another number of things is selected",
                f"it is {len(targets)}, and {body.expected_count} was expected",
                "selection_changed",
            )
        job_id = await verbs.start(
            conn,
            caller.project_id,
            kind,
            body.action,
            caller.actor,
            targets=targets,
            changes=changes,
        )
    deps.bulk_started.set()
    return BulkJobId(async_action_id=job_id, count=len(targets))


async def _targets(conn: Connection, caller: Caller, kind: BinKind, body: NewBulkJob) -> list[str]:
    project_id, asked, named = caller.project_id, body.filter_items(), body.ids or []
    if asked is None:
        spelt = caller.code if kind == "voucher" else trim_name
        named = [spelt(each) for each in named]
        return await verbs.resolve(conn, project_id, kind, named)
    at, most = datetime.now(UTC), verbs.MOST_AT_ONCE + 1
    if kind == "voucher":
        return await listing.selected_vouchers(conn, project_id, asked, at, most, spelt=caller.code)
    return await listing.selected_campaigns(conn, project_id, asked, at, most)


async def _shown(
    conn: Connection, project_id: str, found: Sequence[BulkJob | Job]
) -> list[JobObject]:
    actors = await makers(conn, project_id, [job.actor for job in found])
    return [_response(*each) for each in zip(found, actors, strict=True)]


def _response(job: BulkJob | Job, actor: ActorObject) -> JobObject:
    return job_response(job, actor) if isinstance(job, BulkJob) else issue_response(job, actor)


async def _job(conn: Connection, project_id: str, job_id: str) -> JobObject:
    found = await jobs.find(conn, project_id, job_id) or await issue_jobs.find(
        conn, project_id, job_id
    )
    if found is None:
        raise NotFoundError("async_action", job_id)
    [shown] = await _shown(conn, project_id, [found])
    return shown
