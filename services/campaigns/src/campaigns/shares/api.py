"""Shares over HTTP, below the partner that sees the codes."""

from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.paging import Paging
from campaigns.api.paths import PathParam, Sought
from campaigns.partners import verbs as partners
from campaigns.shares import counting, given, states, verbs
from campaigns.shares import store as shares
from campaigns.shares.bodies import (
    COLUMNS,
    After,
    Extent,
    NewShare,
    NewShareOfCampaign,
    ShareChange,
    SharedCodes,
    ShareDetail,
    ShareObject,
    Shares,
    code_rows,
    codes_response,
    detail_response,
    share_response,
)
from campaigns.shares.positions import Position
from campaigns.shares.store import Kind, Share, State
from servicekit.http.csv_lines import Block, csv_response
from servicekit.http.openapi import DUPLICATE, NOT_FOUND
from servicekit.postgres.pool import connection, transaction

router = APIRouter(prefix="/v1/partners/{partner}/shares", tags=["shares"])

EXPORTED_AT_ONCE: Final = 5000

SharesKind = Annotated[Kind | None, Query()]
SharesState = Annotated[State | None, Query()]


@router.get("")
async def list_shares_of_partner(
    partner: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    page: Paging,
    *,
    campaign_id: Annotated[Sought | None, Query()] = None,
    kind: SharesKind = None,
    state: SharesState = None,
) -> Shares:
    async with connection(deps.reading(caller)) as conn:
        await partners.get(conn, caller.project_id, partner)
        found, total = await shares.page(
            conn,
            caller.project_id,
            partner_id=partner,
            campaign_id=campaign_id,
            kind=kind,
            state=state,
            limit=page.limit,
            offset=page.offset,
        )
    return Shares(shares=[share_response(each) for each in found], total=total)


@router.post("", responses=DUPLICATE | NOT_FOUND)
async def share_with_partner(
    partner: PathParam, body: NewShare, caller: CurrentCaller, deps: Deps
) -> ShareObject:
    """Share codes with a partner: those of its own campaigns alone."""
    body.check()
    return await make(deps, caller, body, partner, body.campaign_id)


@router.post("/hold-back", responses=NOT_FOUND)
async def hold_back(
    partner: PathParam, body: Extent, caller: CurrentCaller, deps: Deps
) -> ShareChange:
    """Show the partner these no more, for now."""
    return await _set_state(deps, caller, partner, body, "held_back")


@router.post("/withdraw", responses=NOT_FOUND)
async def withdraw(
    partner: PathParam, body: Extent, caller: CurrentCaller, deps: Deps
) -> ShareChange:
    """Show the partner these no more; no allotment takes a code that was given once."""
    return await _set_state(deps, caller, partner, body, "withdrawn")


@router.post("/release", responses=NOT_FOUND)
async def release(
    partner: PathParam, body: Extent, caller: CurrentCaller, deps: Deps
) -> ShareChange:
    """Show the partner again what was held back, or withdrawn by mistake."""
    return await _set_state(deps, caller, partner, body, "shared")


@router.get("/{share}")
async def get_share(
    partner: PathParam, share: PathParam, caller: CurrentCaller, deps: Deps
) -> ShareDetail:
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, caller.project_id, partner, share)
        counts = await counting.counts(conn, caller.project_id, found)
    return detail_response(found, counts)


@router.get(
    "/{share}/codes",
    response_model=SharedCodes,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def list_codes_of_share(
    partner: PathParam,
    share: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    after: After,
    *,
    written: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> SharedCodes | Response:
    """List a share's codes, oldest first; as CSV all that follow, whatever the limit."""
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, caller.project_id, partner, share)
        if written == "json":
            codes = await given.codes_of(conn, caller.project_id, found, after, limit + 1)
            return codes_response(codes, limit)
    blocks = _blocks(deps, caller, found, after)
    return csv_response(f"{found.id}.csv", COLUMNS, blocks)


async def _blocks(
    deps: Dependencies, caller: Caller, share: Share, after: Position | None
) -> AsyncIterator[Block]:
    """Read some at a time, and hold no connection while they are sent."""
    while True:
        async with connection(deps.reading(caller)) as conn:
            codes = await given.codes_of(conn, caller.project_id, share, after, EXPORTED_AT_ONCE)
        yield code_rows(codes)
        if len(codes) < EXPORTED_AT_ONCE:
            return
        after = codes[-1].position


async def make(
    deps: Dependencies,
    caller: Caller,
    body: NewShareOfCampaign,
    partner_id: str,
    campaign_id: str | None,
) -> ShareObject:
    """Share what a body says; its codes alone may come without their campaign."""
    project_id, actor = caller.project_id, caller.actor
    async with transaction(deps.sharing(caller)) as conn:
        if campaign_id is None or body.kind == "codes":
            share = await verbs.share_codes(
                conn,
                project_id,
                actor,
                partner_id=partner_id,
                campaign_id=campaign_id,
                codes=list(dict.fromkeys(caller.code(code) for code in body.codes or ())),
                name=body.name,
            )
            return share_response(share)
        campaign = await verbs.campaign_of(conn, project_id, partner_id, campaign_id)
        if body.quantity is None:
            share = await verbs.share_campaign(conn, project_id, actor, campaign, name=body.name)
        else:
            share = await verbs.allot(
                conn, project_id, actor, campaign, quantity=body.quantity, name=body.name
            )
    return share_response(share)


async def _set_state(
    deps: Dependencies, caller: Caller, partner_id: str, body: Extent, state: State
) -> ShareChange:
    body.check()
    project_id, actor = caller.project_id, caller.actor
    async with transaction(deps.sharing(caller)) as conn:
        if body.codes is not None:
            codes = await states.set_state_of_codes(
                conn, project_id, actor, state, partner_id=partner_id, codes=body.codes
            )
            return ShareChange(state=state, shares=0, codes=codes)
        changed = await states.set_state(
            conn,
            project_id,
            actor,
            state,
            partner_id=partner_id,
            share_id=body.share_id,
            campaign_id=body.campaign_id,
        )
    return ShareChange(state=state, shares=len(changed), codes=0)
