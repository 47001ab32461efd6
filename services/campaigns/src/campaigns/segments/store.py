"""Segments of a project. Who is on a list is read where it is asked for alone: it may be long."""

from collections.abc import Sequence

import asyncpg

from campaigns.catalogue import Segment
from contracts.segments import Filter, SegmentType
from servicekit.postgres.pool import Connection


def _segment(row: asyncpg.Record) -> Segment:
    return Segment(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        type=row["type"],
        filter=None if row["filter"] is None else Filter.model_validate(row["filter"]),
        members_count=row["members_count"],
        in_reports=row["in_reports"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def add(
    conn: Connection,
    project_id: str,
    segment_id: str,
    name: str,
    type_: SegmentType,
    *,
    filter_: Filter | None,
    members: Sequence[str],
    in_reports: bool,
) -> None:
    await conn.execute(
        """
        INSERT INTO segments (project_id, id, name, type, filter, members, in_reports)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """,
        project_id,
        segment_id,
        name,
        type_,
        None if filter_ is None else filter_.model_dump(mode="json"),
        members,
        in_reports,
    )


async def change(
    conn: Connection,
    project_id: str,
    segment_id: str,
    *,
    name: str,
    filter_: Filter | None,
    members: Sequence[str],
    in_reports: bool,
) -> None:
    """Write what may change, as the next version."""
    await conn.execute(
        """
        UPDATE segments SET name = $3, filter = $4, members = $5, in_reports = $6,
            version = version + 1, updated_at = now()
        WHERE project_id = $1 AND id = $2
        """,
        project_id,
        segment_id,
        name,
        None if filter_ is None else filter_.model_dump(mode="json"),
        members,
        in_reports,
    )


async def remove(conn: Connection, project_id: str, segment_id: str) -> None:
    await conn.execute(
        "DELETE FROM segments WHERE project_id = $1 AND id = $2", project_id, segment_id
    )


async def lock(conn: Connection, project_id: str, segment_id: str) -> Segment | None:
    """Hold a segment until commit; then read it as it is behind the lock."""
    await conn.execute(
        "SELECT FROM segments WHERE project_id = $1 AND id = $2 FOR UPDATE", project_id, segment_id
    )
    return await find(conn, project_id, segment_id)


async def find(conn: Connection, project_id: str, segment_id: str) -> Segment | None:
    row = await conn.fetchrow(
        "SELECT * FROM segment_sheets WHERE project_id = $1 AND id = $2", project_id, segment_id
    )
    return None if row is None else _segment(row)


async def members(conn: Connection, project_id: str, segment_id: str) -> list[str]:
    """Return who is on a segment's list, in order; of a filter nobody."""
    found = await conn.fetchval(
        "SELECT members FROM segments WHERE project_id = $1 AND id = $2", project_id, segment_id
    )
    return list(found or ())


async def page_of_members(
    conn: Connection, project_id: str, segment_id: str, *, limit: int, offset: int
) -> list[str]:
    found = await conn.fetchval(
        "SELECT members[$3 + 1:$3 + $4] FROM segments WHERE project_id = $1 AND id = $2",
        project_id,
        segment_id,
        offset,
        limit,
    )
    return list(found or ())


async def count(conn: Connection, project_id: str, *, dynamic: bool) -> int:
    """Return how many there are with a filter, or without."""
    found: int = await conn.fetchval(
        "SELECT count(*) FROM segments WHERE project_id = $1 AND (type <> 'static') = $2",
        project_id,
        dynamic,
    )
    return found


async def count_in_reports(conn: Connection, project_id: str) -> int:
    """Return how many are columns of the project's reports."""
    found: int = await conn.fetchval(
        "SELECT count(*) FROM segments WHERE project_id = $1 AND in_reports", project_id
    )
    return found


async def page(
    conn: Connection, project_id: str, *, limit: int, offset: int
) -> tuple[list[Segment], int]:
    """Return segments, newest first, and how many there are in all."""
    rows = await conn.fetch(
        """
        SELECT * FROM segment_sheets WHERE project_id = $1
        ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3
        """,
        project_id,
        limit,
        offset,
    )
    total = await conn.fetchval("SELECT count(*) FROM segments WHERE project_id = $1", project_id)
    return [_segment(row) for row in rows], total
