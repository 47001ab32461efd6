"""Codes join a campaign: one fixed, one drawn, or many by a job."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel

from campaigns import issue
from campaigns.api.access import By, Caller, Given, Tools
from campaigns.api.fields import NewCode, Segment
from campaigns.api.objects import WholeVoucher, shown_voucher
from campaigns.api.terms import CodesBody
from campaigns.api.waiting import hope_for_voucher
from campaigns.store.connecting import transaction

router = APIRouter(prefix="/v1/campaigns/{campaign}/vouchers", tags=["codes"])

Wishes = Annotated[CodesBody | None, Body()]


class AsyncActionId(BaseModel):
    async_action_id: str


@router.post("", responses={202: {"model": AsyncActionId}})
async def add_vouchers(
    campaign: Segment,
    by: By,
    tools: Given,
    response: Response,
    *,
    vouchers_count: Annotated[int, Query(ge=1, le=issue.MOST_CODES)] = 1,
    wishes: Wishes = None,
) -> WholeVoucher | AsyncActionId:
    """One code is answered at once; more are a job, answered with 202."""
    wishes = wishes or CodesBody()
    if vouchers_count == 1:
        return await _add_one(tools, by, campaign, wishes.code, wishes)
    response.status_code = 202
    return await _start(tools, by, campaign, vouchers_count, wishes)


@router.post("/{code}")
async def add_fixed_code(
    campaign: Segment, code: NewCode, by: By, tools: Given, wishes: Wishes = None
) -> WholeVoucher:
    return await _add_one(tools, by, campaign, code, wishes or CodesBody())


async def _add_one(
    tools: Tools, by: Caller, campaign: str, code: str | None, wishes: CodesBody
) -> WholeVoucher:
    async with transaction(tools.pool) as conn:
        joined = await issue.campaign_for_issue(conn, by.project_id, campaign)
        like = wishes.over(joined.codes)
        metadata = wishes.metadata or {}
        if code is None:
            voucher = await issue.drawn_code(conn, by.project_id, joined, like, metadata)
        else:
            voucher = await issue.fixed_code(
                conn, by.project_id, joined, code, like, metadata=metadata
            )
    await hope_for_voucher(tools.enforcement, by.project_id, voucher)
    return shown_voucher(voucher, joined)


async def _start(
    tools: Tools, by: Caller, campaign: str, wanted: int, wishes: CodesBody
) -> AsyncActionId:
    async with transaction(tools.pool) as conn:
        joined = await issue.campaign_for_issue(conn, by.project_id, campaign)
        issue.refuse_many(joined)
        job_id = await issue.start_job(
            conn,
            by.project_id,
            joined,
            wanted,
            wishes.over(joined.codes),
            metadata=wishes.metadata or {},
            request_id=by.request_id,
        )
    tools.job_begun.set()
    return AsyncActionId(async_action_id=job_id)
