"""Vouchers over HTTP: codes one by one, and in lists."""

from typing import Annotated

from fastapi import APIRouter, Query

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.body import Nothing
from campaigns.api.errors import LATE
from campaigns.api.paging import Paging
from campaigns.api.paths import PathParam, Sought, SoughtName
from campaigns.campaigns import store as campaigns
from campaigns.model import Voucher
from campaigns.propagation.waiter import subject_of_voucher
from campaigns.vouchers import store as vouchers
from campaigns.vouchers import verbs
from campaigns.vouchers.bodies import VoucherDetail, VoucherObject, Vouchers, voucher_response
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/vouchers", tags=["vouchers"])


@router.get("")
async def list_vouchers(
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    *,
    order: Annotated[vouchers.SortBy, Query()] = "-created_at",
    campaign: Annotated[SoughtName | None, Query()] = None,
    campaign_id: Annotated[Sought | None, Query()] = None,
    code: Annotated[Sought | None, Query()] = None,
) -> Vouchers:
    """List codes; `campaign` is a name."""
    project_id, wanted = caller.project_id, campaign_id
    async with connection(deps.reading(caller)) as conn:
        if campaign is not None:
            found = await campaigns.find(conn, project_id, campaign)
            if found is None or campaign_id not in {None, found.id}:
                return Vouchers(vouchers=[], total=0)
            wanted = found.id
        rows, total = await vouchers.page(
            conn,
            project_id,
            campaign_id=wanted,
            code=code,
            sort_by=order,
            limit=page.limit,
            offset=page.offset,
        )
        theirs = await campaigns.get_many(conn, project_id, [row.campaign_id for row in rows])
    by_id = {each.id: each for each in theirs}
    shown: list[VoucherObject] = [voucher_response(row, by_id[row.campaign_id]) for row in rows]
    return Vouchers(vouchers=shown, total=total)


@router.get("/{voucher}")
async def get_voucher(voucher: PathParam, caller: CurrentCaller, deps: Deps) -> VoucherDetail:
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, caller.project_id, voucher)
        campaign = await verbs.campaign_of(conn, caller.project_id, found)
    return voucher_response(found, campaign)


@router.post("/{voucher}/enable")
async def enable_voucher(
    voucher: PathParam, caller: CurrentCaller, deps: Deps, _body: Nothing = None
) -> VoucherDetail:
    async with transaction(deps.changing(caller)) as conn:
        changed = await verbs.set_active(conn, caller.project_id, voucher, active=True)
    subject = subject_of_voucher(caller.project_id, changed)
    await deps.propagation.wait_briefly(subject, changed.version)
    return await _response(deps, caller, changed)


@router.post("/{voucher}/disable", responses=LATE)
async def disable_voucher(
    voucher: PathParam, caller: CurrentCaller, deps: Deps, _body: Nothing = None
) -> VoucherDetail:
    """Answer once this code redeems no more; 503 when that is not known in time."""
    async with transaction(deps.changing(caller)) as conn:
        changed = await verbs.set_active(conn, caller.project_id, voucher, active=False)
    subject = subject_of_voucher(caller.project_id, changed)
    await deps.propagation.wait_or_fail(subject, changed.version)
    return await _response(deps, caller, changed)


async def _response(deps: Dependencies, caller: Caller, voucher: Voucher) -> VoucherDetail:
    async with connection(deps.reading(caller)) as conn:
        campaign = await verbs.campaign_of(conn, caller.project_id, voucher)
    return voucher_response(voucher, campaign)
