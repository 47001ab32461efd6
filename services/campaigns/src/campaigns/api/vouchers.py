"""Vouchers: codes one by one, and in lists."""

from typing import Annotated

from fastapi import APIRouter, Query

from campaigns import switch
from campaigns.api.access import By, Given
from campaigns.api.fields import Segment
from campaigns.api.objects import VoucherObject, Vouchers, WholeVoucher, shown_voucher
from campaigns.api.paging import Paging
from campaigns.api.waiting import hope_for_voucher
from campaigns.definitions import Campaign, Voucher
from campaigns.refusals import NotFoundError
from campaigns.store import campaigns, vouchers
from campaigns.store.connecting import Connection, transaction

router = APIRouter(prefix="/v1/vouchers", tags=["vouchers"])

Filter = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("")
async def list_vouchers(
    by: By,
    tools: Given,
    page: Paging,
    *,
    order: Annotated[vouchers.Order, Query()] = "-created_at",
    campaign: Filter = None,
    campaign_id: Filter = None,
    code: Filter = None,
) -> Vouchers:
    """List codes; `campaign` is a name."""
    async with transaction(tools.pool) as conn:
        wanted = campaign_id
        if campaign is not None:
            found = await campaigns.find(conn, by.project_id, campaign)
            if found is None or campaign_id not in {None, found.id}:
                return Vouchers(vouchers=[], total=0)
            wanted = found.id
        rows, total = await vouchers.page(
            conn,
            by.project_id,
            campaign_id=wanted,
            code=code,
            order=order,
            limit=page.limit,
            offset=page.offset,
        )
        theirs = await campaigns.every(conn, by.project_id, [row.campaign_id for row in rows])
    by_id = {each.id: each for each in theirs}
    shown: list[VoucherObject] = [shown_voucher(row, by_id[row.campaign_id]) for row in rows]
    return Vouchers(vouchers=shown, total=total)


@router.get("/{voucher}")
async def get_voucher(voucher: Segment, by: By, tools: Given) -> WholeVoucher:
    async with transaction(tools.pool) as conn:
        found = await vouchers.find(conn, by.project_id, voucher)
        if found is None:
            raise NotFoundError("voucher", voucher)
        return shown_voucher(found, await _campaign(conn, by.project_id, found))


@router.post("/{voucher}/enable")
async def enable_voucher(voucher: Segment, by: By, tools: Given) -> WholeVoucher:
    changed = await switch.turn_voucher(tools.pool, by.project_id, voucher, active=True)
    await hope_for_voucher(tools.enforcement, by.project_id, changed)
    async with transaction(tools.pool) as conn:
        return shown_voucher(changed, await _campaign(conn, by.project_id, changed))


@router.post("/{voucher}/disable")
async def disable_voucher(voucher: Segment, by: By, tools: Given) -> WholeVoucher:
    """Answer once this code redeems no more; 503 when that is not known in time."""
    changed = await switch.turn_voucher(tools.pool, by.project_id, voucher, active=False)
    await tools.enforcement.demand((by.project_id, "voucher", changed.id), changed.version)
    async with transaction(tools.pool) as conn:
        return shown_voucher(changed, await _campaign(conn, by.project_id, changed))


async def _campaign(conn: Connection, project_id: str, voucher: Voucher) -> Campaign:
    [campaign] = await campaigns.every(conn, project_id, [voucher.campaign_id])
    return campaign
