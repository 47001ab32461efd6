"""Our copies of segments, which campaigns owns, and who is on their lists.

They change behind the locks of the campaigns that name them, so what is read of one behind such a
lock, or after its revision, is what decisions go by.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import asyncpg

from contracts.segments import Filter, SegmentSnapshot
from redemption.customers.segments import Listed
from redemption.model import CampaignKey, SegmentKey
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.reading import Question, Row


class Definition(NamedTuple):
    """A segment as it is in force; without a filter it is a list, one that was deleted an empty."""

    version: int
    name: str
    filter: Filter | None
    deleted: bool = False


def _definition(row: asyncpg.Record) -> Definition:
    filter_ = None if row["filter"] is None else Filter.model_validate(row["filter"])
    return Definition(row["version"], row["name"], filter_, row["deleted"])


async def campaigns_naming(conn: Connection, segments: Collection[SegmentKey]) -> list[CampaignKey]:
    """Return the campaigns whose terms name one of these segments."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, s)
        CROSS JOIN LATERAL (
            SELECT project_id, campaign_id FROM campaign_segments
            WHERE project_id = p AND segment_id = s OFFSET 0
        ) AS found
        """,
        *columns(segments, 2),
    )
    return [(row["project_id"], row["campaign_id"]) for row in rows]


async def put_segments(
    conn: Connection, changed: Sequence[tuple[str, SegmentSnapshot]]
) -> dict[SegmentKey, int]:
    """Apply (project, snapshot) pairs behind those locks; return the versions in force."""
    newest = {(p, s.id): s for p, s in sorted(changed, key=lambda pair: pair[1].version)}
    keys = sorted(newest)
    rows = await conn.fetch(
        """
        INSERT INTO segments (project_id, segment_id, version, name, filter, in_reports, deleted)
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::jsonb[],
            $6::bool[], $7::bool[])
        ON CONFLICT (project_id, segment_id) DO UPDATE SET
            version = excluded.version, name = excluded.name, filter = excluded.filter,
            in_reports = excluded.in_reports, deleted = excluded.deleted
        WHERE segments.version < excluded.version
        RETURNING project_id, segment_id
        """,
        *columns(keys, 2),
        [newest[key].version for key in keys],
        [newest[key].name for key in keys],
        [_filter_of(newest[key]) for key in keys],
        [newest[key].in_reports and not newest[key].deleted for key in keys],
        [newest[key].deleted for key in keys],
    )
    for row in rows:
        key = (row["project_id"], row["segment_id"])
        await _set_members(conn, key, newest[key].members)
    return await versions(conn, keys)


async def versions(conn: Connection, segments: Collection[SegmentKey]) -> dict[SegmentKey, int]:
    """Return the versions in force of those that are known."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, s)
        CROSS JOIN LATERAL (
            SELECT project_id, segment_id, version FROM segments
            WHERE project_id = p AND segment_id = s OFFSET 0
        ) AS found
        """,
        *columns(segments, 2),
    )
    return {(r["project_id"], r["segment_id"]): r["version"] for r in rows}


async def read(conn: Connection, segments: Collection[SegmentKey]) -> dict[SegmentKey, Definition]:
    """Return segments as they are in force, of those that are known."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, s)
        CROSS JOIN LATERAL (
            SELECT * FROM segments
            WHERE project_id = p AND segment_id = s OFFSET 0
        ) AS found
        """,
        *columns(segments, 2),
    )
    return {(row["project_id"], row["segment_id"]): _definition(row) for row in rows}


async def in_reports(conn: Connection, project_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the segments that outcomes of these projects tell, in the order of their ids."""
    rows = await conn.fetch(
        """
        SELECT project_id, segment_id FROM segments
        WHERE project_id = ANY ($1::text[]) AND in_reports ORDER BY project_id, segment_id
        """,
        list(project_ids),
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row["project_id"]] = (*found.get(row["project_id"], ()), row["segment_id"])
    return found


async def those_in_reports(conn: Connection, segments: Collection[SegmentKey]) -> set[SegmentKey]:
    """Return which of these outcomes tell of until now."""
    rows = await conn.fetch(
        """
        SELECT project_id, segment_id FROM segments
        JOIN unnest($1::text[], $2::text[]) AS asked (p, s) ON project_id = p AND segment_id = s
        WHERE in_reports
        """,
        *columns(segments, 2),
    )
    return {(row["project_id"], row["segment_id"]) for row in rows}


async def of_project(conn: Connection, project_id: str) -> list[tuple[str, Definition]]:
    """Return all segments of a project by their ids, in the order of their names."""
    rows = await conn.fetch(
        "SELECT * FROM segments WHERE project_id = $1 AND NOT deleted ORDER BY name, segment_id",
        project_id,
    )
    return [(row["segment_id"], _definition(row)) for row in rows]


def listed_question(asked: Collection[Listed]) -> Question:
    """Ask which of the customers are on the lists of those segments: on a filter's is none."""
    return Question(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (p, s, c)
        CROSS JOIN LATERAL (
            SELECT project_id, segment_id, customer_id FROM segment_members
            WHERE project_id = p AND segment_id = s AND customer_id = c OFFSET 0
        ) AS found
        """,
        columns(asked, 3),
        len(asked),
    )


async def listed(conn: Connection, asked: Collection[Listed]) -> set[Listed]:
    """Return those of the customers who are on the lists of those segments."""
    question = listed_question(asked)
    return listed_found(await conn.fetch(question.sql, *question.arguments))


def listed_found(rows: Sequence[Row]) -> set[Listed]:
    return {(project_id, segment_id, customer_id) for project_id, segment_id, customer_id in rows}


async def set_named(conn: Connection, named: Mapping[CampaignKey, Collection[str]]) -> None:
    """Keep which segments campaigns name, behind the campaigns' locks."""
    await conn.execute(
        """
        DELETE FROM campaign_segments USING unnest($1::text[], $2::text[]) AS changed (p, c)
        WHERE project_id = p AND campaign_id = c
        """,
        *columns(named, 2),
    )
    pairs = sorted({(p, s, c) for (p, c), segments in named.items() for s in segments})
    if pairs:
        await conn.execute(
            """
            INSERT INTO campaign_segments (project_id, segment_id, campaign_id)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
            """,
            *columns(pairs, 3),
        )


async def _set_members(conn: Connection, segment: SegmentKey, members: Sequence[str]) -> None:
    """Put these on a segment's list and take all others off; of a long one, what differs."""
    rows = await conn.fetch(
        "SELECT customer_id FROM segment_members WHERE project_id = $1 AND segment_id = $2",
        *segment,
    )
    before = {row["customer_id"] for row in rows}
    gone, came = before.difference(members), set(members) - before
    await conn.execute(
        """
        DELETE FROM segment_members
        WHERE project_id = $1 AND segment_id = $2 AND customer_id = ANY ($3::text[])
        """,
        *segment,
        sorted(gone),
    )
    await conn.execute(
        """
        INSERT INTO segment_members (project_id, segment_id, customer_id)
        SELECT $1, $2, c FROM unnest($3::text[]) AS listed (c)
        """,
        *segment,
        sorted(came),
    )


def _filter_of(snapshot: SegmentSnapshot) -> object:
    return None if snapshot.filter is None else snapshot.filter.model_dump(mode="json")
