"""History over HTTP: of one thing, or of all that happened in the project."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator

from campaigns.api.access import Caller, CurrentCaller, Deps
from campaigns.api.fields import Moment
from campaigns.api.paths import IdOrName, PathParam, Sought
from campaigns.campaigns import store as campaigns
from campaigns.history import store as entries
from campaigns.history.bodies import Entries, page_response
from campaigns.history.store import ID_PREFIX, Wanted
from campaigns.keys.makers import makers
from campaigns.model import TargetKind
from campaigns.partners import store as partners
from campaigns.refusals import NotFoundError
from campaigns.vouchers import store as vouchers
from servicekit.postgres.pool import Connection, connection

router = APIRouter(prefix="/v1", tags=["history"])


def _cursor(text: str) -> str:
    number = text.removeprefix(ID_PREFIX)
    if number == text or not (number.isascii() and number.isdigit()) or len(number) > 18:  # noqa: PLR2004 - what a bigint holds
        raise ValueError("is none that an answer gave")
    return text


Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(), AfterValidator(lambda c: c if c is None else _cursor(c))]


@router.get("/campaigns/{campaign}/history")
async def get_campaign_history(
    campaign: IdOrName,
    caller: CurrentCaller,
    deps: Deps,
    *,
    limit: Limit = 10,
    cursor: Cursor = None,
) -> Entries:
    """Who changed a campaign, what and when; of one that was purged, by its id."""
    async with connection(deps.reading(caller)) as conn:
        found = await campaigns.find(conn, caller.project_id, campaign)
        wanted = await _of(conn, caller, "campaign", campaign, None if found is None else found.id)
        return await _page(conn, caller, wanted, limit, cursor)


@router.get("/vouchers/{voucher}/history")
async def get_voucher_history(
    voucher: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    *,
    limit: Limit = 10,
    cursor: Cursor = None,
) -> Entries:
    """Who changed a code, what and when; of one that was purged, by its id."""
    async with connection(deps.reading(caller)) as conn:
        found = await vouchers.find(conn, caller.project_id, voucher)
        wanted = await _of(conn, caller, "voucher", voucher, None if found is None else found.id)
        return await _page(conn, caller, wanted, limit, cursor)


@router.get("/partners/{partner}/history")
async def get_partner_history(
    partner: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    *,
    limit: Limit = 10,
    cursor: Cursor = None,
) -> Entries:
    async with connection(deps.reading(caller)) as conn:
        found = await partners.find(conn, caller.project_id, partner)
        wanted = await _of(conn, caller, "partner", partner, None if found is None else found.id)
        return await _page(conn, caller, wanted, limit, cursor)


@router.get("/audit")
async def get_audit_log(
    caller: CurrentCaller,
    deps: Deps,
    *,
    actor: Annotated[Sought | None, Query(description="The id of a key or a user.")] = None,
    action: Annotated[Sought | None, Query(description='Such as "campaign.disabled".')] = None,
    kind: Annotated[TargetKind | None, Query()] = None,
    target: Annotated[Sought | None, Query(description="The id of what was changed.")] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    limit: Limit = 10,
    cursor: Cursor = None,
) -> Entries:
    """All that was changed in the project, newest first."""
    wanted = Wanted(kind, target, actor, action, since, until)
    async with connection(deps.reading(caller)) as conn:
        return await _page(conn, caller, wanted, limit, cursor)


async def _of(
    conn: Connection, caller: Caller, kind: TargetKind, named: str, found: str | None
) -> Wanted:
    """Return what to look for: the history of what is there, or of what was once."""
    target = found or named
    if found is None and not await entries.is_known(conn, caller.project_id, kind, named):
        raise NotFoundError(kind, named)
    return Wanted(kind, target)


async def _page(
    conn: Connection, caller: Caller, wanted: Wanted, limit: int, cursor: str | None
) -> Entries:
    found = await entries.page(conn, caller.project_id, wanted, older_than=cursor, limit=limit + 1)
    shown = found[:limit]
    actors = await makers(conn, caller.project_id, [each.actor for each in shown])
    return page_response(shown, actors, more=len(found) > limit)
