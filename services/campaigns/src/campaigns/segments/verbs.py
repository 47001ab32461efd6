"""Makes, amends and removes segments, and publishes them. The caller opened the transaction."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from campaigns import snapshots
from campaigns.actors import Actor
from campaigns.catalogue import Segment
from campaigns.history import store as history
from campaigns.history.differences import Fields, between
from campaigns.history.store import Entry
from campaigns.projects import store as projects
from campaigns.referrers import store as referrers
from campaigns.refusals import InvalidError, NotFoundError, check_unused
from campaigns.segments import store as segments
from contracts import ids
from contracts.segments import MOST_IN_REPORTS, Filter, SegmentType
from servicekit.postgres import outbox
from servicekit.postgres.pool import Connection

MOST_DYNAMIC: Final = 100
MOST_STATIC: Final = 1_000
CUSTOMER_ID: Final = re.compile(r"cust_[0-9a-f]{24}")


def member_ids(customer_key: bytes, project_id: str, named: Sequence[str]) -> list[str]:
    """Return customers by their ids, each once, in order; named by them or by the shop's own."""
    return sorted(
        {
            each if CUSTOMER_ID.fullmatch(each) else ids.customer(customer_key, project_id, each)
            for each in named
        }
    )


async def create(
    conn: Connection,
    project_id: str,
    actor: Actor,
    name: str,
    type_: SegmentType,
    *,
    filter_: Filter | None,
    members: Sequence[str],
    in_reports: bool,
) -> Segment:
    """Make a segment; a name that exists raises a unique violation."""
    await projects.lock(conn, project_id)
    dynamic = type_ != "static"
    most = MOST_DYNAMIC if dynamic else MOST_STATIC
    if await segments.count(conn, project_id, dynamic=dynamic) >= most:
        kind = "with a filter" if dynamic else "of type static"
        raise InvalidError(f"A project has {most:,} segments {kind} at most", "remove some of them")
    if in_reports:
        await _check_reported(conn, project_id)
    segment_id = ids.new("seg_")
    await segments.add(
        conn,
        project_id,
        segment_id,
        name,
        type_,
        filter_=filter_,
        members=members,
        in_reports=in_reports,
    )
    made = await get(conn, project_id, segment_id)
    await _publish(conn, project_id, made, members)
    happened = Entry("created", made.target, between(None, _fields(made)))
    await history.add(conn, project_id, actor, [happened])
    return made


async def hold(
    conn: Connection, project_id: str, segment_id: str, *, reports: bool = False
) -> Segment:
    """Hold a segment until commit; before it, as whoever makes one, how many are in `reports`."""
    if reports:
        await projects.lock(conn, project_id)
    held = await segments.lock(conn, project_id, segment_id)
    if held is None:
        raise NotFoundError("segment", segment_id)
    return held


async def amend(
    conn: Connection,
    project_id: str,
    actor: Actor,
    current: Segment,
    *,
    name: str | None,
    filter_: Filter | None,
    members: Sequence[str] | None,
    in_reports: bool | None,
) -> Segment:
    """Change a segment that is held; None leaves as it is."""
    before = await segments.members(conn, project_id, current.id)
    after = before if members is None else list(members)
    wanted = replace(
        current,
        name=name or current.name,
        filter=filter_ or current.filter,
        members_count=len(after),
        in_reports=current.in_reports if in_reports is None else in_reports,
    )
    if wanted == current and after == before:
        return current
    if wanted.in_reports and not current.in_reports:
        await _check_reported(conn, project_id)
    await segments.change(
        conn,
        project_id,
        current.id,
        name=wanted.name,
        filter_=wanted.filter,
        members=after,
        in_reports=wanted.in_reports,
    )
    changed = await get(conn, project_id, current.id)
    await _publish(conn, project_id, changed, after)
    changes = between(_fields(current), _fields(changed))
    came, went = set(after) - set(before), set(before) - set(after)
    if came or went:
        changes |= {"customers_added": [None, len(came)], "customers_removed": [None, len(went)]}
    await history.add(conn, project_id, actor, [Entry("updated", changed.target, changes)])
    return changed


async def remove(conn: Connection, project_id: str, actor: Actor, current: Segment) -> Segment:
    """Remove a segment that is held, and that no rule asks for.

    Return its last version, which is of nobody.
    """
    check_unused(await referrers.of_segment(conn, project_id, current.id))
    await segments.remove(conn, project_id, current.id)
    last = replace(
        current, version=current.version + 1, filter=None, members_count=0, in_reports=False
    )
    await _publish(conn, project_id, last, (), deleted=True)
    happened = Entry("deleted", current.target, between(_fields(current), None))
    await history.add(conn, project_id, actor, [happened])
    return last


async def get(conn: Connection, project_id: str, segment_id: str) -> Segment:
    found = await segments.find(conn, project_id, segment_id)
    if found is None:
        raise NotFoundError("segment", segment_id)
    return found


async def _check_reported(conn: Connection, project_id: str) -> None:
    if await segments.count_in_reports(conn, project_id) >= MOST_IN_REPORTS:
        raise InvalidError(
            f"Property .in_reports: a project has {MOST_IN_REPORTS} segments in reports at most",
            "take another one out of them first",
        )


async def _publish(
    conn: Connection,
    project_id: str,
    segment: Segment,
    members: Sequence[str],
    *,
    deleted: bool = False,
) -> None:
    message = snapshots.of_segment(project_id, segment, members, deleted=deleted)
    await outbox.write(conn, [message])


def _fields(segment: Segment) -> Fields:
    return {
        "name": segment.name,
        "type": segment.type,
        "filter": None if segment.filter is None else segment.filter.model_dump(mode="json"),
        "customers_count": segment.members_count if segment.type == "static" else None,
        "in_reports": segment.in_reports,
    }
