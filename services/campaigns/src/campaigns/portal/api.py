"""The portal over HTTP: of a partner's own, whatever it is asked for."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from campaigns.actors import Actor
from campaigns.api.access import PORTAL_SCOPE, CurrentCaller, Dependencies, Deps
from campaigns.api.body import Nothing
from campaigns.api.origins import Origin
from campaigns.api.paging import Page, Paging
from campaigns.api.paths import Sought
from campaigns.feeds import store as feeds
from campaigns.feeds import verbs as feed_keys
from campaigns.feeds.bodies import NewFeedKey, new_key_response
from campaigns.partners import verbs as partners
from campaigns.portal import store as portal
from campaigns.portal.bodies import (
    COLUMNS,
    Links,
    PortalCodes,
    PortalDeals,
    PortalObject,
    code_rows,
    codes_response,
    deal_response,
    link_response,
    portal_response,
)
from campaigns.projects import verbs as projects
from campaigns.shares import pages, visible
from campaigns.shares.bodies import After
from campaigns.shares.positions import Position
from campaigns.shares.visible import Deal, DealStatus
from servicekit.http.csv_lines import Block, csv_response
from servicekit.http.errors import forbidden
from servicekit.postgres.bulkheads import Bulkhead
from servicekit.postgres.pool import Connection, connection, transaction

router = APIRouter(prefix="/v1/portal", tags=["portal"])

EXPORTED_AT_ONCE = 1000


class PartnerCaller:
    """A person of a partner's, and where one borrows a connection for him."""

    def __init__(self, caller: CurrentCaller, deps: Deps) -> None:
        if caller.partner_id is None:
            raise forbidden([PORTAL_SCOPE])
        self.project_id = caller.project_id
        self.partner_id = caller.partner_id
        self.person = caller.key_id
        self.actor: Actor = caller.actor
        self._deps: Dependencies = deps

    async def landing_url(self, conn: Connection) -> str | None:
        """Return where the partner's links lead unless their campaign says so."""
        return (await partners.get(conn, self.project_id, self.partner_id)).landing_url

    def reading(self) -> Bulkhead:
        return self._deps.fetching(self.project_id, self.partner_id)


Visitor = Annotated[PartnerCaller, Depends()]
Text = Annotated[Sought | None, Query(description="A part of the code or of the deal's name.")]
Status = Annotated[DealStatus | None, Query()]


@router.get("")
async def show_portal(visitor: Visitor) -> PortalObject:
    """Show what the partner has, and what changed since this person said to have seen it all."""
    project_id, partner_id = visitor.project_id, visitor.partner_id
    async with connection(visitor.reading()) as conn:
        seen_at = await portal.seen_at(conn, project_id, partner_id, visitor.person)
        return portal_response(
            await projects.get(conn, project_id),
            await partners.get(conn, project_id, partner_id),
            await visible.deals(conn, project_id, partner_id),
            plans=await portal.commission_plans(conn, project_id, partner_id),
            feed_key=await feeds.find(conn, project_id, partner_id),
            seen_at=seen_at,
            changes=await portal.changes(conn, project_id, partner_id, seen_at),
        )


@router.post("/seen", status_code=204, response_class=Response)
async def note_seen(visitor: Visitor, _body: Nothing = None) -> Response:
    """Say that this person has seen what changed until now."""
    async with transaction(visitor.reading()) as conn:
        await portal.note_seen(conn, visitor.project_id, visitor.partner_id, visitor.person)
    return Response(status_code=204)


@router.get(
    "/codes",
    response_model=PortalCodes,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def list_codes(
    visitor: Visitor,
    after: After,
    origin: Origin,
    *,
    text: Text = None,
    campaign_id: Annotated[Sought | None, Query()] = None,
    status: Status = None,
    written: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> PortalCodes | Response:
    """List the codes that redeem now or will; as CSV all that follow, whatever the limit."""
    theirs = await _deals(visitor, campaign_id=campaign_id, status=status)
    if written == "csv":
        blocks = _blocks(visitor, theirs, text=text, after=after, origin=origin)
        return csv_response("codes.csv", COLUMNS, blocks)
    async with connection(visitor.reading()) as conn:
        page = await pages.read(
            conn, visitor.project_id, theirs, after=after, text=text, limit=limit
        )
        landing_url = await visitor.landing_url(conn)
    return codes_response(page, {each.campaign_id: each for each in theirs}, landing_url, origin)


async def _blocks(
    visitor: PartnerCaller,
    theirs: Sequence[Deal],
    *,
    text: str | None,
    after: Position | None,
    origin: str,
) -> AsyncIterator[Block]:
    by_id = {each.campaign_id: each for each in theirs}
    while True:
        async with connection(visitor.reading()) as conn:
            page = await pages.read(
                conn,
                visitor.project_id,
                theirs,
                after=after,
                text=text,
                limit=EXPORTED_AT_ONCE,
            )
            landing_url = await visitor.landing_url(conn)
        yield code_rows(page, by_id, landing_url, origin)
        if page.goes_on_after is None:
            return
        after = page.goes_on_after


@router.get("/deals")
async def list_deals(
    visitor: Visitor, page: Paging, origin: Origin, *, text: Text = None, status: Status = None
) -> PortalDeals:
    theirs = await _deals(visitor, status=status, text=text)
    some = _part(theirs, page)
    async with connection(visitor.reading()) as conn:
        ids = [each.campaign_id for each in some]
        campaigns = await pages.load_campaigns(conn, visitor.project_id, ids)
        figures = await portal.figures(conn, visitor.project_id, ids)
        landing_url = await visitor.landing_url(conn)
    shown = [
        deal_response(
            campaigns[each.campaign_id], each, figures[each.campaign_id], landing_url, origin
        )
        for each in some
    ]
    return PortalDeals(deals=shown, total=len(theirs))


@router.get("/links")
async def list_links(
    visitor: Visitor, page: Paging, origin: Origin, *, text: Text = None, status: Status = None
) -> Links:
    """List the links to publish: each counts a visit and goes on to its deal."""
    theirs = await _deals(visitor, status=status, text=text)
    some = _part(theirs, page)
    async with connection(visitor.reading()) as conn:
        ids = [each.campaign_id for each in some]
        campaigns = await pages.load_campaigns(conn, visitor.project_id, ids)
        landing_url = await visitor.landing_url(conn)
    shown = [link_response(campaigns[each.campaign_id], each, landing_url, origin) for each in some]
    return Links(links=shown, total=len(theirs))


@router.post("/feed-key")
async def make_feed_key(visitor: Visitor, _body: Nothing = None) -> NewFeedKey:
    """Make the partner's feed key; one that it had before opens nothing from a second later on."""
    async with transaction(visitor.reading()) as conn:
        key, fresh = await feed_keys.make_key(
            conn, visitor.project_id, visitor.actor, visitor.partner_id
        )
    return new_key_response(key, fresh)


@router.delete("/feed-key", status_code=204, response_class=Response)
async def revoke_feed_key(visitor: Visitor, deps: Deps) -> Response:
    """Answer once the key opens nothing any more."""
    async with transaction(visitor.reading()) as conn:
        await feed_keys.revoke_key(conn, visitor.project_id, visitor.actor, visitor.partner_id)
    await asyncio.sleep(deps.key_memory_seconds)
    return Response(status_code=204)


async def _deals(
    visitor: PartnerCaller,
    *,
    campaign_id: str | None = None,
    status: DealStatus | None = None,
    text: str | None = None,
) -> list[Deal]:
    """Return a partner's deals in the order of their ids; of a text those with it in the name."""
    async with connection(visitor.reading()) as conn:
        found = await visible.deals(
            conn, visitor.project_id, visitor.partner_id, campaign_id=campaign_id, status=status
        )
    return [each for each in found if text is None or text.lower() in each.name.lower()]


def _part(deals: Sequence[Deal], page: Page) -> Sequence[Deal]:
    """Return a page of what is live first, by name."""
    ordered = sorted(deals, key=lambda each: (each.status, each.name.lower(), each.campaign_id))
    return ordered[page.offset : page.offset + page.limit]
