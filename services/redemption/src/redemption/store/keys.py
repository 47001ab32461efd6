"""API keys in force, as our copy of the projects has them."""

import asyncpg

from servicekit.http.keys import Caller, KnownKey


async def key_stamp(pool: asyncpg.Pool) -> int:
    """Return a number that grows with every change of a project, its keys among them."""
    stamp: int = await pool.fetchval("SELECT coalesce(sum(version), 0)::bigint FROM projects")
    return stamp


async def load_keys(pool: asyncpg.Pool) -> dict[str, KnownKey[Caller]]:
    """Return all keys in force."""
    rows = await pool.fetch("SELECT key_id, project_id, digest, scopes FROM api_keys")
    return {
        row["key_id"]: KnownKey(
            row["digest"], Caller(row["key_id"], row["project_id"], frozenset(row["scopes"]))
        )
        for row in rows
    }
