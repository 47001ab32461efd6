"""History over HTTP: of one thing, or of all that happened in the project."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator

from campaigns.actors import TargetKind
from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.exports import AS_CSV, WantsCsv, file_name
from campaigns.api.fields import Moment
from campaigns.api.paths import IdOrName, PathParam, Sought
from campaigns.api.spelling import CodeOrId
from campaigns.campaigns import store as campaigns
from campaigns.history import store as entries
from campaigns.history.bodies import COLUMNS, Entries, csv_rows, page_response
from campaigns.history.store import ID_PREFIX, Wanted
from campaigns.keys.makers import makers
from campaigns.partners import store as partners
from campaigns.refusals import NotFoundError
from campaigns.vouchers import store as vouchers
from servicekit.http.csv_lines import Block, csv_response
from servicekit.http.errors import invalid_query
from servicekit.postgres.pool import Connection, connection

A_BLOCK: Final = 500

router = APIRouter(prefix="/v1", tags=["history"])


def _cursor(text: str) -> str:
    number = text.removeprefix(ID_PREFIX)
    if number == text or not (number.isascii() and number.isdigit()) or len(number) > 18:  # noqa: PLR2004 - what a bigint holds
        raise ValueError("is none that an answer gave")
    return text


class Part(NamedTuple):
    """What of a history is asked for: a page of it, or all of it as CSV."""

    limit: int
    older_than: str | None
    as_csv: bool


def _part(
    as_csv: WantsCsv,
    limit: Annotated[int | None, Query(ge=1, le=100)] = None,
    cursor: Annotated[
        str | None, Query(), AfterValidator(lambda c: c if c is None else _cursor(c))
    ] = None,
) -> Part:
    for name, value in (("limit", limit), ("cursor", cursor)):
        if as_csv and value is not None:
            raise invalid_query(
                f"{name}: CSV has all rows", f"Query parameter {name}: is not for CSV"
            )
    return Part(10 if limit is None else limit, cursor, as_csv)


Asked = Annotated[Part, Depends(_part)]


@router.get("/campaigns/{campaign}/history", response_model=Entries, responses=AS_CSV)
async def get_campaign_history(
    campaign: IdOrName,
    caller: CurrentCaller,
    deps: Deps,
    part: Asked,
) -> Entries | Response:
    """Who changed a campaign, what and when; of one that was purged, by its id."""
    async with connection(deps.reading(caller)) as conn:
        found = await campaigns.find(conn, caller.project_id, campaign)
        wanted = await _of(conn, caller, "campaign", campaign, None if found is None else found.id)
    return await _answer(deps, caller, wanted, part)


@router.get("/vouchers/{voucher}/history", response_model=Entries, responses=AS_CSV)
async def get_voucher_history(
    voucher: CodeOrId,
    caller: CurrentCaller,
    deps: Deps,
    part: Asked,
) -> Entries | Response:
    """Who changed a code, what and when; of one that was purged, by its id."""
    async with connection(deps.reading(caller)) as conn:
        found = await vouchers.find(conn, caller.project_id, voucher)
        wanted = await _of(conn, caller, "voucher", voucher, None if found is None else found.id)
    return await _answer(deps, caller, wanted, part)


@router.get("/partners/{partner}/history", response_model=Entries, responses=AS_CSV)
async def get_partner_history(
    partner: PathParam,
    caller: CurrentCaller,
    deps: Deps,
    part: Asked,
) -> Entries | Response:
    async with connection(deps.reading(caller)) as conn:
        found = await partners.find(conn, caller.project_id, partner)
        wanted = await _of(conn, caller, "partner", partner, None if found is None else found.id)
    return await _answer(deps, caller, wanted, part)


@router.get("/audit", response_model=Entries, responses=AS_CSV)
async def get_audit_log(
    caller: CurrentCaller,
    deps: Deps,
    part: Asked,
    *,
    actor: Annotated[Sought | None, Query(description="The id of a key or a user.")] = None,
    action: Annotated[Sought | None, Query(description='Such as "campaign.disabled".')] = None,
    kind: Annotated[TargetKind | None, Query()] = None,
    target: Annotated[Sought | None, Query(description="The id of what was changed.")] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
) -> Entries | Response:
    """All that was changed in the project, newest first."""
    wanted = Wanted(kind, target, actor, action, since, until)
    return await _answer(deps, caller, wanted, part)


async def _of(
    conn: Connection, caller: Caller, kind: TargetKind, named: str, found: str | None
) -> Wanted:
    """Return what to look for: the history of what is there, or of what was once."""
    target = found or named
    if found is None and not await entries.is_known(conn, caller.project_id, kind, named):
        raise NotFoundError(kind, named)
    return Wanted(kind, target)


async def _answer(
    deps: Dependencies, caller: Caller, wanted: Wanted, part: Part
) -> Entries | Response:
    if part.as_csv:
        name = file_name(caller.project_id, "history")
        return csv_response(name, COLUMNS, _blocks(deps, caller, wanted))
    async with connection(deps.reading(caller)) as conn:
        found = await entries.page(
            conn, caller.project_id, wanted, older_than=part.older_than, limit=part.limit + 1
        )
        shown = found[: part.limit]
        actors = await makers(conn, caller.project_id, [each.actor for each in shown])
        in_force: dict[str, datetime | None] = {}
        # Of the last change, if this page has it: to issue codes makes no version.
        changes = (each for each in shown if each.action != "campaign.codes_issued")
        last = None if part.older_than or wanted.target is None else next(changes, None)
        if last is not None:
            in_force[last.id] = await entries.in_force_since(conn, caller.project_id, last)
    return page_response(shown, actors, in_force, more=len(found) > part.limit)


async def _blocks(deps: Dependencies, caller: Caller, wanted: Wanted) -> AsyncIterator[Block]:
    """Read some at a time, all there are, and hold no connection while they are sent."""
    last: str | None = None
    while True:
        async with connection(deps.reading(caller)) as conn:
            found = await entries.page(
                conn, caller.project_id, wanted, older_than=last, limit=A_BLOCK
            )
            actors = await makers(conn, caller.project_id, [each.actor for each in found])
        if not found:
            return
        yield [row for each in zip(found, actors, strict=True) for row in csv_rows(*each)]
        last = found[-1].id
