"""The entries of a project's history: appended to, and never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from campaigns.actors import Actor, ActorDoor, Target, TargetKind
from campaigns.history.differences import Changes
from servicekit.postgres.pool import Connection

ID_PREFIX: Final = "hist_"
COLUMNS: Final = (
    "project_id",
    "actor",
    "door",
    "job_id",
    "request_id",
    "action",
    "kind",
    "target",
    "name",
    "changes",
)


class Entry(NamedTuple):
    """What happened to one thing."""

    verb: str
    target: Target
    changes: Changes


async def add(conn: Connection, project_id: str, actor: Actor, happened: Sequence[Entry]) -> None:
    """Append entries, in this order: one of a person's act, thousands of a job's."""
    await conn.copy_records_to_table(
        "history",
        columns=COLUMNS,
        records=[
            (
                project_id,
                actor.id,
                actor.door,
                actor.job_id,
                actor.request_id,
                f"{entry.target.kind}.{entry.verb}",
                entry.target.kind,
                entry.target.id,
                entry.target.name,
                entry.changes,
            )
            for entry in happened
        ],
    )


class StoredEntry(NamedTuple):
    """What happened, by whom, by which door."""

    id: str
    at: datetime
    action: str
    kind: str
    target: str
    name: str
    actor: str
    door: ActorDoor
    job_id: str | None
    request_id: str | None
    changes: Changes


class Wanted(NamedTuple):
    """What entries are asked for; None does not narrow."""

    kind: str | None = None
    target: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def page(
    conn: Connection, project_id: str, wanted: Wanted, *, older_than: str | None, limit: int
) -> list[StoredEntry]:
    """Return entries, newest first; those older than one of them, where it is named."""
    rows = await conn.fetch(
        """
        SELECT * FROM history AS h
        WHERE h.project_id = $1
            AND ($2::text IS NULL OR h.kind = $2) AND ($3::text IS NULL OR h.target = $3)
            AND ($4::text IS NULL OR h.actor = $4) AND ($5::text IS NULL OR h.action = $5)
            AND ($6::timestamptz IS NULL OR h.at >= $6)
            AND ($7::timestamptz IS NULL OR h.at < $7)
            AND ($8::bigint IS NULL OR (h.at, h.id) < (
                SELECT c.at, c.id FROM history AS c WHERE c.project_id = $1 AND c.id = $8
            ))
        ORDER BY h.at DESC, h.id DESC LIMIT $9
        """,
        project_id,
        *wanted,
        None if older_than is None else int(older_than.removeprefix(ID_PREFIX)),
        limit,
    )
    return [_stored(row) for row in rows]


async def in_force_since(conn: Connection, project_id: str, newest: StoredEntry) -> datetime | None:
    """Return since when redemption acts by the last change of a campaign or a code, if known.

    It says so of the version in force alone. Where that was made after the entry (a rename of the
    partner makes one, and has no entry here), it is not the entry's.
    """
    since: datetime | None = await conn.fetchval(
        """
        SELECT a.applied_at FROM (
            SELECT 'campaign' AS kind, id, version, coalesce(updated_at, created_at) AS made_at
            FROM campaigns WHERE project_id = $1 AND id = $3
            UNION ALL
            SELECT 'voucher', id, version, coalesce(updated_at, created_at)
            FROM vouchers WHERE project_id = $1 AND id = $3
        ) AS thing
        JOIN applied_versions AS a ON a.project_id = $1 AND a.kind = thing.kind AND a.id = thing.id
            AND a.version = thing.version
        WHERE thing.kind = $2 AND thing.made_at <= $4
        """,
        project_id,
        newest.kind,
        newest.target,
        newest.at,
    )
    return since


async def is_known(conn: Connection, project_id: str, kind: str, target: str) -> bool:
    """Tell whether anything ever happened to something; it may be gone by now."""
    return bool(
        await conn.fetchval(
            """
            SELECT EXISTS (
                SELECT FROM history WHERE project_id = $1 AND kind = $2 AND target = $3
            )
            """,
            project_id,
            kind,
            target,
        )
    )


def _stored(row: asyncpg.Record) -> StoredEntry:
    return StoredEntry(
        id=f"{ID_PREFIX}{row['id']}",
        at=row["at"],
        action=row["action"],
        kind=row["kind"],
        target=row["target"],
        name=row["name"],
        actor=row["actor"],
        door=row["door"],
        job_id=row["job_id"],
        request_id=row["request_id"],
        changes=row["changes"],
    )


async def last_setter(
    conn: Connection, project_id: str, target: Target, field: str
) -> tuple[str, str | None] | None:
    """Return who last set a field of something, by his id, and the job by which he did."""
    row = await conn.fetchrow(
        """
        SELECT actor, job_id FROM history
        WHERE project_id = $1 AND kind = $2 AND target = $3 AND changes ? $4
        ORDER BY at DESC, id DESC LIMIT 1
        """,
        project_id,
        target.kind,
        target.id,
        field,
    )
    return None if row is None else (row["actor"], row["job_id"])


async def last_change(
    conn: Connection, project_id: str, kind: TargetKind, target: str
) -> tuple[str, datetime] | None:
    """Return who changed something last, by his id, and when."""
    row = await conn.fetchrow(
        """
        SELECT actor, at FROM history WHERE project_id = $1 AND kind = $2 AND target = $3
        ORDER BY at DESC, id DESC LIMIT 1
        """,
        project_id,
        kind,
        target,
    )
    return None if row is None else (row["actor"], row["at"])
