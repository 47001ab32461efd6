"""Shares over HTTP, below the campaign that has the codes: with its partner alone."""

from dataclasses import asdict

from fastapi import APIRouter

from campaigns.api.access import CurrentCaller, Deps
from campaigns.api.paging import Paging
from campaigns.api.paths import IdOrName
from campaigns.campaigns import verbs as campaigns
from campaigns.shares import counting
from campaigns.shares import store as shares
from campaigns.shares.api import SharesKind, SharesState, make
from campaigns.shares.bodies import (
    CampaignCountsObject,
    NewShareOfCampaign,
    ShareObject,
    Shares,
    share_response,
)
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import connection

router = APIRouter(prefix="/v1/campaigns/{campaign}/shares", tags=["shares"])


@router.get("")
async def list_shares_of_campaign(
    campaign: IdOrName,
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    *,
    kind: SharesKind = None,
    state: SharesState = None,
) -> Shares:
    async with connection(deps.reading(caller)) as conn:
        theirs = await campaigns.get(conn, caller.project_id, campaign)
        found, total = await shares.page(
            conn,
            caller.project_id,
            partner_id=theirs.partner.id,
            campaign_id=theirs.id,
            kind=kind,
            state=state,
            limit=page.limit,
            offset=page.offset,
        )
    return Shares(shares=[share_response(each) for each in found], total=total)


@router.get("/counts")
async def count_shares_of_campaign(
    campaign: IdOrName, caller: CurrentCaller, deps: Deps
) -> CampaignCountsObject:
    """Say how many codes are given, and how many an allotment could still take."""
    async with connection(deps.reading(caller)) as conn:
        theirs = await campaigns.get(conn, caller.project_id, campaign)
        counts = await counting.campaign_counts(conn, caller.project_id, theirs.id)
        whole = await shares.of_whole_campaign(conn, caller.project_id, theirs.id)
    return CampaignCountsObject(
        **asdict(counts), whole_campaign=None if whole is None else whole.state
    )


@router.post("", responses=DUPLICATE | NOT_FOUND)
async def share_campaign(
    campaign: IdOrName, body: NewShareOfCampaign, caller: CurrentCaller, deps: Deps
) -> ShareObject:
    """Share codes of a campaign with its partner."""
    body.check()
    async with connection(deps.reading(caller)) as conn:
        theirs = await campaigns.get(conn, caller.project_id, campaign)
    return await make(deps, caller, body, theirs.partner.id, theirs.id)
