"""The bin over HTTP: what is deleted redeems no more, and can be restored for a month."""

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.cursors import Cursor
from campaigns.api.enforced import DOCUMENTED, HEADER, SAYS_WHEN, say_when
from campaigns.api.errors import LATE, STALE
from campaigns.api.paths import IdOrName, PathParam
from campaigns.api.spelling import CodeOrId
from campaigns.api.versions import Switch, Undo, UndoBody
from campaigns.bin import store as bins
from campaigns.bin import verbs
from campaigns.bin.bodies import Deleted, TrashBin, bin_response
from campaigns.bin.store import BinKind
from campaigns.bulk import verbs as bulk
from campaigns.campaigns import entries as campaign_entries
from campaigns.campaigns import verbs as campaigns
from campaigns.campaigns.bodies import CampaignObject, campaign_response
from campaigns.keys.makers import makers
from campaigns.propagation.waiter import subject_of_campaign, subject_of_voucher
from campaigns.refusals import NotFoundError
from campaigns.vouchers import entries as voucher_entries
from campaigns.vouchers import verbs as vouchers
from campaigns.vouchers.bodies import VoucherDetail, voucher_response
from contracts.instants import to_rfc3339
from servicekit.postgres.pool import connection, transaction

UNDO: Final = "X-Undo-Version"
DISCARDED: Final[dict[int | str, dict[str, Any]]] = {
    204: {
        "headers": DOCUMENTED
        | {
            UNDO: {
                "description": "The `version` that …/restore takes to undo this, unless somebody "
                "has changed it since. Absent: it was in the bin already, or was purged.",
                "schema": {"type": "integer"},
            }
        }
    }
}

router = APIRouter(prefix="/v1", tags=["bin"])

Force = Annotated[bool, Query(description="Purge it: nothing restores it, nor frees its codes.")]


@router.delete("/campaigns/{campaign}", status_code=202, responses=LATE)
async def delete_campaign(
    campaign: IdOrName, caller: CurrentCaller, deps: Deps, *, force: Force = False
) -> Deleted:
    """Answer once nothing of this campaign redeems any more; 503 when that is not known in time."""
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        before = await campaigns.hold(conn, project_id, campaign)
        job_id = await bins.job_of(conn, project_id, before.id)
        if job_id is None:
            job_id = bulk.new_id()
        after = await verbs.discard_campaign(conn, project_id, caller.actor, before, job_id)
        if before.deleted_at is None:
            await bulk.note_discarded(conn, project_id, caller.actor, after, job_id)
    deps.bulk_started.set()
    since = await deps.propagation.wait_or_fail(
        subject_of_campaign(project_id, after), after.version
    )
    if force:
        purging = await _purge(deps, caller, after.id)
        return Deleted(async_action_id=purging, enforced_at=since, undo=None)
    undo = None
    if before.deleted_at is None:
        undo = Undo(path=f"/v1/campaigns/{after.id}/restore", body=UndoBody(version=after.version))
    return Deleted(async_action_id=job_id, enforced_at=since, undo=undo)


@router.delete("/vouchers/{voucher}", status_code=204, responses=LATE | DISCARDED)
async def delete_voucher(
    voucher: CodeOrId, caller: CurrentCaller, deps: Deps, *, force: Force = False
) -> Response:
    """Answer once this code redeems no more; 503 when that is not known in time."""
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        before = await vouchers.hold(conn, project_id, voucher)
        after = await verbs.discard_voucher(conn, project_id, caller.actor, before)
    since = await deps.propagation.wait_or_fail(
        subject_of_voucher(project_id, after), after.version
    )
    headers = {HEADER: to_rfc3339(since)}
    if force:
        await _purge(deps, caller, after.id)
    elif before.deleted_at is None:
        headers[UNDO] = str(after.version)
    return Response(status_code=204, headers=headers)


@router.post("/campaigns/{campaign}/restore", responses=STALE | SAYS_WHEN)
async def restore_campaign(
    campaign: IdOrName, caller: CurrentCaller, deps: Deps, response: Response, body: Switch = None
) -> CampaignObject:
    """Take a campaign out of the bin, switched as it was."""
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        current = await campaigns.hold(conn, project_id, campaign)
        if body is not None:
            await campaign_entries.check_version(conn, project_id, current, body.version)
        restored = await verbs.restore_campaign(conn, project_id, caller.actor, current)
    subject = subject_of_campaign(project_id, restored)
    since = await deps.propagation.wait_briefly(subject, restored.version)
    say_when(response, since)
    return campaign_response(replace(restored, enforced=since is not None))


@router.post("/vouchers/{voucher}/restore", responses=STALE | SAYS_WHEN)
async def restore_voucher(
    voucher: CodeOrId, caller: CurrentCaller, deps: Deps, response: Response, body: Switch = None
) -> VoucherDetail:
    """Take a code out of the bin, switched as it was."""
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        current = await vouchers.hold(conn, project_id, voucher)
        campaign = await vouchers.campaign_of(conn, project_id, current)
        if body is not None:
            await voucher_entries.check_version(conn, project_id, current, campaign, body.version)
        restored = await verbs.restore_voucher(conn, project_id, caller.actor, current)
    subject = subject_of_voucher(project_id, restored)
    say_when(response, await deps.propagation.wait_briefly(subject, restored.version))
    return voucher_response(restored, campaign)


@router.get("/trash-bin")
async def list_trash_bin(
    caller: CurrentCaller,
    deps: Deps,
    *,
    kind: Annotated[BinKind | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    cursor: Cursor = None,
) -> TrashBin:
    """Show what was deleted, by whom, and when it goes for ever."""
    async with connection(deps.reading(caller)) as conn:
        found = await bins.page(
            conn, caller.project_id, kind=kind, older_than=cursor, limit=limit + 1
        )
        total = await bins.count(conn, caller.project_id, kind)
        shown = found[:limit]
        actors = await makers(conn, caller.project_id, [each.deleted_by for each in shown])
    return bin_response(shown, actors, total=total, more=len(found) > limit)


@router.delete("/trash-bin/{thing}", status_code=204)
async def purge(thing: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    """Remove for ever what is in the bin; of a large campaign the codes go one by one."""
    await _purge(deps, caller, thing)
    return Response(status_code=204)


async def _purge(deps: Dependencies, caller: Caller, thing: str) -> str:
    project_id = caller.project_id
    async with transaction(deps.changing(caller)) as conn:
        kind = await bins.begin_purging(conn, project_id, thing)
        if kind is None:
            raise NotFoundError("trash_bin_entry", thing)
        job_id = await bulk.start(conn, project_id, kind, "purge", caller.actor, targets=[thing])
    deps.bulk_started.set()
    return job_id
