"""Feed keys over HTTP, for staff, and the feed itself, for a partner's machines."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from campaigns.api.access import CurrentCaller, Deps
from campaigns.api.body import Nothing
from campaigns.api.origins import Origin
from campaigns.api.paths import PathParam, Sought
from campaigns.feeds import store as feeds
from campaigns.feeds import verbs
from campaigns.feeds.bodies import (
    COLUMNS,
    Feed,
    FeedKeyObject,
    NewFeedKey,
    feed_response,
    feed_rows,
    key_response,
    more_cursor,
    new_key_response,
)
from campaigns.feeds.store import FeedCaller
from campaigns.feeds.verbs import FeedPage
from campaigns.shares.bodies import After
from servicekit.http import csv_lines
from servicekit.http.conditional import conditional_response, etag_of
from servicekit.postgres.pool import connection, transaction

keys = APIRouter(prefix="/v1/partners/{partner}/feed-key", tags=["feeds"])
router = APIRouter(prefix="/v1/feed", tags=["feeds"])

LONGEST_NAME: Final = 200  # of what a machine calls itself
Format = Literal["json", "csv"]
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "csv": csv_lines.MEDIA_TYPE,
}


@keys.post("")
async def make_feed_key(
    partner: PathParam, caller: CurrentCaller, deps: Deps, _body: Nothing = None
) -> NewFeedKey:
    """Make a partner's feed key; one that it had before opens nothing from a second later on."""
    async with transaction(deps.changing(caller)) as conn:
        key, fresh = await verbs.make_key(conn, caller.project_id, caller.actor, partner)
    return new_key_response(key, fresh)


@keys.get("")
async def get_feed_key(partner: PathParam, caller: CurrentCaller, deps: Deps) -> FeedKeyObject:
    """Show when it was made and used last."""
    async with connection(deps.reading(caller)) as conn:
        return key_response(await verbs.get_key(conn, caller.project_id, partner))


@keys.delete("", status_code=204, response_class=Response)
async def revoke_feed_key(partner: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    """Answer once the key opens nothing any more."""
    async with transaction(deps.changing(caller)) as conn:
        await verbs.revoke_key(conn, caller.project_id, caller.actor, partner)
    await asyncio.sleep(deps.key_memory_seconds)
    return Response(status_code=204)


def _fetcher(request: Request) -> FeedCaller:
    caller: FeedCaller = request.state.caller
    return caller


@router.get(
    "",
    response_model=Feed,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        304: {"description": "The caller has it already"},
    },
)
async def fetch_feed(
    request: Request,
    caller: Annotated[FeedCaller, Depends(_fetcher)],
    deps: Deps,
    after: After,
    origin: Origin,
    *,
    campaign_id: Annotated[Sought | None, Query()] = None,
    wanted: Annotated[Format | None, Query(alias="format")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> Response:
    """List the codes that are shared with the partner and redeem now, and their deals."""
    project_id, partner_id = caller.project_id, caller.partner_id
    written = wanted or _preferred(request)
    agent = request.headers.get("user-agent", "")[:LONGEST_NAME] or None
    async with connection(deps.fetching(project_id, partner_id)) as conn:
        feed = await verbs.read_page(
            conn, project_id, partner_id, campaign_id=campaign_id, after=after, limit=limit
        )
        body = _written(feed, written, origin)
        etag, changed_at = etag_of(body), None
        if after is None and campaign_id is None:
            first = f"{written} {limit}"
            changed_at = await feeds.changed_at(conn, project_id, partner_id, page=first, etag=etag)
        await feeds.note_fetch(conn, project_id, partner_id, fetched_by=agent)
    headers = {"Vary": "Accept, Authorization"}
    if (cursor := more_cursor(feed.page)) is not None:
        told = {"campaign_id": campaign_id, "format": written, "limit": limit}
        query = urlencode(
            {name: value for name, value in told.items() if value is not None} | {"cursor": cursor}
        )
        headers["Link"] = f'<{origin}/v1/feed?{query}>; rel="next"'
    return conditional_response(
        request.headers,
        body,
        media_type=MEDIA_TYPES[written],
        etag=etag,
        last_modified=changed_at,
        headers=headers,
    )


def _written(feed: FeedPage, written: Format, origin: str) -> bytes:
    match written:
        case "json":
            return feed_response(feed, origin).model_dump_json().encode()
        case "csv":
            return csv_lines.lines([COLUMNS, *feed_rows(feed, origin)]).encode()


def _preferred(request: Request) -> Format:
    accepted = request.headers.get("accept", "")
    return "csv" if "text/csv" in accepted and "application/json" not in accepted else "json"
