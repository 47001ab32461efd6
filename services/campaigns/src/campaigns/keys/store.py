"""The keys of projects."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import asyncpg

from campaigns.tenants import ApiKey, IssuedApiKey
from servicekit.postgres.pool import Connection

MARKED_EVERY = timedelta(minutes=1)


async def add(
    conn: Connection, project_id: str, key: ApiKey, *, name: str, hint: str, created_by: str
) -> None:
    await conn.execute(
        """
        INSERT INTO api_keys
            (project_id, id, digest, scopes, name, hint, created_by, expires_at, origins)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        project_id,
        key.id,
        key.digest,
        list(key.scopes),
        name,
        hint,
        created_by,
        key.expires_at,
        list(key.origins),
    )


async def in_force(
    conn: Connection, project_ids: Collection[str]
) -> defaultdict[str, list[ApiKey]]:
    """Return the keys of each project that were not revoked, oldest first."""
    rows = await conn.fetch(
        """
        SELECT project_id, id, digest, scopes, expires_at, origins FROM api_keys
        WHERE project_id = ANY ($1) AND revoked_at IS NULL ORDER BY created_at, id
        """,
        list(project_ids),
    )
    found = defaultdict(list)
    for row in rows:
        found[row["project_id"]].append(_in_force(row))
    return found


async def all_in_force(pool: asyncpg.Pool) -> list[tuple[str, ApiKey]]:
    """Return all keys in force, with their projects: for the door, who asks for all at once."""
    rows = await pool.fetch(
        """
        SELECT project_id, id, digest, scopes, expires_at, origins FROM api_keys
        WHERE revoked_at IS NULL
        """
    )
    return [(row["project_id"], _in_force(row)) for row in rows]


async def of_project(conn: Connection, project_id: str) -> list[IssuedApiKey]:
    """Return every key that a project ever had, oldest first."""
    rows = await conn.fetch(
        "SELECT * FROM api_keys WHERE project_id = $1 ORDER BY created_at, id", project_id
    )
    return [_issued(row) for row in rows]


async def find(conn: Connection, project_id: str, key_id: str) -> IssuedApiKey | None:
    row = await conn.fetchrow(
        "SELECT * FROM api_keys WHERE project_id = $1 AND id = $2", project_id, key_id
    )
    return None if row is None else _issued(row)


async def names(conn: Connection, project_id: str, key_ids: Collection[str]) -> dict[str, str]:
    """Return what keys are called."""
    rows = await conn.fetch(
        "SELECT id, name FROM api_keys WHERE project_id = $1 AND id = ANY ($2)",
        project_id,
        list(key_ids),
    )
    return {row["id"]: row["name"] for row in rows}


async def revoke(conn: Connection, project_id: str, key_id: str) -> bool:
    """Tell whether this call revoked it; it may have been before, or not be there."""
    revoked = await conn.execute(
        """
        UPDATE api_keys SET revoked_at = now()
        WHERE project_id = $1 AND id = $2 AND revoked_at IS NULL
        """,
        project_id,
        key_id,
    )
    return revoked == "UPDATE 1"


async def mark_used(conn: Connection, uses: Mapping[tuple[str, str], datetime]) -> None:
    """Write when keys were used last, each once a minute; who is no key is passed over."""
    of_projects = sorted(uses)  # rivals lock rows in one order
    await conn.execute(
        """
        UPDATE api_keys SET used_at = uses.at
        FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS uses (project_id, id, at)
        WHERE api_keys.project_id = uses.project_id AND api_keys.id = uses.id
        AND coalesce(used_at, '-infinity') < uses.at - $4::interval
        """,
        [project_id for project_id, _ in of_projects],
        [key_id for _, key_id in of_projects],
        [uses[key] for key in of_projects],
        MARKED_EVERY,
    )


def _in_force(row: asyncpg.Record) -> ApiKey:
    return ApiKey(
        row["id"], row["digest"], tuple(row["scopes"]), row["expires_at"], tuple(row["origins"])
    )


def _issued(row: asyncpg.Record) -> IssuedApiKey:
    return IssuedApiKey(
        id=row["id"],
        name=row["name"],
        scopes=tuple(row["scopes"]),
        hint=row["hint"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        used_at=row["used_at"],
        origins=tuple(row["origins"]),
    )
