"""What is in the bin of a project, by whom and since when."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal, NamedTuple

import asyncpg

from servicekit.postgres.pool import Connection

BinKind = Literal["campaign", "voucher"]
DAYS: Final = 30  # in the bin, before it is purged


class InBin(NamedTuple):
    """One thing in the bin, with the name that it has."""

    id: str
    kind: BinKind
    name: str
    campaign: str | None
    deleted_at: datetime
    deleted_by: str
    purge_at: datetime


async def add(
    conn: Connection,
    project_id: str,
    kind: BinKind,
    ids: Collection[str],
    *,
    by: str,
    job_id: str | None = None,
) -> None:
    """Note what was deleted in this transaction."""
    await conn.execute(
        """
        INSERT INTO bin (project_id, id, kind, deleted_at, deleted_by, job_id)
        SELECT $1, id, $2, now(), $4, $5 FROM unnest($3::text[]) AS id
        """,
        project_id,
        kind,
        list(ids),
        by,
        job_id,
    )


async def job_of(conn: Connection, project_id: str, thing: str) -> str | None:
    """Return the job by which something came into the bin."""
    job_id: str | None = await conn.fetchval(
        "SELECT job_id FROM bin WHERE project_id = $1 AND id = $2", project_id, thing
    )
    return job_id


async def remove(conn: Connection, project_id: str, ids: Collection[str]) -> None:
    """Forget that these are in the bin."""
    await conn.execute(
        "DELETE FROM bin WHERE project_id = $1 AND id = ANY ($2::text[])", project_id, list(ids)
    )


async def purging(conn: Connection, project_id: str, ids: Collection[str]) -> set[str]:
    """Return those that are being purged, which nothing takes back."""
    rows = await conn.fetch(
        "SELECT id FROM bin WHERE project_id = $1 AND id = ANY ($2::text[]) AND purging",
        project_id,
        list(ids),
    )
    return {row["id"] for row in rows}


async def begin_purging(conn: Connection, project_id: str, thing: str) -> BinKind | None:
    """Take something out of people's sight; return what it is, None where it is not there."""
    kind: BinKind | None = await conn.fetchval(
        """
        UPDATE bin SET purging = true WHERE project_id = $1 AND id = $2 AND NOT purging
        RETURNING kind
        """,
        project_id,
        thing,
    )
    return kind


async def begin_purging_oldest(
    conn: Connection, days: int, most: int
) -> list[tuple[str, BinKind, str]]:
    """Take out of people's sight what was in any project's bin for so long."""
    rows = await conn.fetch(
        """
        UPDATE bin SET purging = true WHERE (project_id, id) IN (
            SELECT project_id, id FROM bin
            WHERE NOT purging AND deleted_at < now() - make_interval(days => $1)
            ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ) RETURNING project_id, kind, id
        """,
        days,
        most,
    )
    return sorted((row["project_id"], row["kind"], row["id"]) for row in rows)


async def page(
    conn: Connection,
    project_id: str,
    *,
    kind: BinKind | None,
    older_than: tuple[datetime, str] | None,
    limit: int,
) -> list[InBin]:
    """Return what is in the bin, newest first; what is older than a moment and an id, if named."""
    at, thing = older_than or (None, None)
    rows = await conn.fetch(
        """
        SELECT b.*, b.deleted_at + make_interval(days => $2) AS purge_at,
            coalesce(c.name, v.code) AS name,
            CASE WHEN of_voucher.standalone THEN NULL ELSE of_voucher.name END AS campaign
        FROM bin AS b
        LEFT JOIN campaigns AS c ON c.project_id = b.project_id AND c.id = b.id
        LEFT JOIN vouchers AS v ON v.project_id = b.project_id AND v.id = b.id
        LEFT JOIN campaigns AS of_voucher
            ON of_voucher.project_id = v.project_id AND of_voucher.id = v.campaign_id
        WHERE b.project_id = $1 AND NOT b.purging AND ($3::text IS NULL OR b.kind = $3)
            AND ($4::timestamptz IS NULL OR (b.deleted_at, b.id) < ($4, $5::text))
        ORDER BY b.deleted_at DESC, b.id DESC LIMIT $6
        """,
        project_id,
        DAYS,
        kind,
        at,
        thing,
        limit,
    )
    return [_in_bin(row) for row in rows]


async def count(conn: Connection, project_id: str, kind: BinKind | None) -> int:
    number: int = await conn.fetchval(
        """
        SELECT count(*) FROM bin
        WHERE project_id = $1 AND NOT purging AND ($2::text IS NULL OR kind = $2)
        """,
        project_id,
        kind,
    )
    return number


def _in_bin(row: asyncpg.Record) -> InBin:
    return InBin(**{name: row[name] for name in InBin._fields})
