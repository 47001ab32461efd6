"""Segments over HTTP. Redemption says who is in one: it knows the customers."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, Response

from campaigns.api.access import Caller, CurrentCaller, Dependencies, Deps
from campaigns.api.enforced import SAYS_WHEN, say_when
from campaigns.api.errors import STALE
from campaigns.api.paging import Paging
from campaigns.api.paths import PathParam
from campaigns.catalogue import Segment
from campaigns.history import stale
from campaigns.refusals import InvalidError
from campaigns.segments import store as segments
from campaigns.segments import verbs
from campaigns.segments.bodies import (
    Members,
    NewSegment,
    SegmentChanges,
    SegmentObject,
    Segments,
    members_response,
    segment_response,
)
from servicekit.http.openapi import DUPLICATE
from servicekit.postgres.pool import connection, transaction

PREFIX: Final = "/v1/segments"

router = APIRouter(prefix=PREFIX, tags=["segments"])


@router.post("", responses=DUPLICATE | SAYS_WHEN)
async def create_segment(
    body: NewSegment, caller: CurrentCaller, deps: Deps, response: Response
) -> SegmentObject:
    members = verbs.member_ids(deps.customer_key, caller.project_id, body.customers or ())
    async with transaction(deps.changing(caller)) as conn:
        made = await verbs.create(
            conn,
            caller.project_id,
            caller.actor,
            body.name,
            body.type,
            filter_=body.filter,
            members=members,
            in_reports=body.in_reports,
        )
    say_when(response, await _wait(deps, caller, made))
    return segment_response(made)


@router.get("")
async def list_segments(caller: CurrentCaller, deps: Deps, page: Paging) -> Segments:
    async with connection(deps.reading(caller)) as conn:
        found, total = await segments.page(
            conn, caller.project_id, limit=page.limit, offset=page.offset
        )
    return Segments(data=[segment_response(each) for each in found], total=total)


@router.get("/{segment}")
async def get_segment(segment: PathParam, caller: CurrentCaller, deps: Deps) -> SegmentObject:
    async with connection(deps.reading(caller)) as conn:
        return segment_response(await verbs.get(conn, caller.project_id, segment))


@router.get("/{segment}/customers")
async def list_segment_customers(
    segment: PathParam, caller: CurrentCaller, deps: Deps, page: Paging
) -> Members:
    """Who is on the list of a static segment."""
    async with connection(deps.reading(caller)) as conn:
        found = await verbs.get(conn, caller.project_id, segment)
        if found.type != "static":
            raise InvalidError(
                "The segment has no list",
                "GET /v1/customers/{customer}/segments tells whether a customer is in it",
            )
        members = await segments.page_of_members(
            conn, caller.project_id, found.id, limit=page.limit, offset=page.offset
        )
    return members_response(members, found.members_count)


@router.put("/{segment}", responses=STALE | SAYS_WHEN)
async def update_segment(
    segment: PathParam, body: SegmentChanges, caller: CurrentCaller, deps: Deps, response: Response
) -> SegmentObject:
    members = None
    if body.customers is not None:
        members = verbs.member_ids(deps.customer_key, caller.project_id, body.customers)
    async with transaction(deps.changing(caller)) as conn:
        current = await verbs.hold(
            conn, caller.project_id, segment, reports=body.in_reports is True
        )
        await stale.check(
            conn,
            caller.project_id,
            current.target,
            sent=body.version,
            now=current.version,
            shown=lambda: segment_response(current),
        )
        _refuse_another_type(current, body)
        changed = await verbs.amend(
            conn,
            caller.project_id,
            caller.actor,
            current,
            name=body.name,
            filter_=body.filter,
            members=members,
            in_reports=body.in_reports,
        )
    say_when(response, await _wait(deps, caller, changed))
    return segment_response(changed)


@router.delete("/{segment}", status_code=204)
async def delete_segment(segment: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    async with transaction(deps.changing(caller)) as conn:
        current = await verbs.hold(conn, caller.project_id, segment)
        last = await verbs.remove(conn, caller.project_id, caller.actor, current)
    await _wait(deps, caller, last)
    return Response(status_code=204)


def _refuse_another_type(current: Segment, body: SegmentChanges) -> None:
    if body.type is not None and body.type != current.type:
        raise InvalidError(f"Property .type: stays {current.type}", "make another segment")
    if current.type == "static" and body.filter is not None:
        raise InvalidError("Property .filter: is not for a list", "send its `customers`")
    if current.type != "static" and body.customers is not None:
        raise InvalidError("Property .customers: are not for a filter", "send its `filter`")


async def _wait(deps: Dependencies, caller: Caller, segment: Segment) -> datetime | None:
    """Give redemption a moment to judge by it; return since when it does, if that is known."""
    subject = (caller.project_id, "segment", segment.id)
    return await deps.propagation.wait_briefly(subject, segment.version)
