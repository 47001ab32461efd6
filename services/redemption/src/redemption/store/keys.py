"""API keys in force, as our copy of the projects has them."""

import asyncpg

from servicekit.http.keys import Caller, KnownKey


async def find_key(pool: asyncpg.Pool, key_id: str) -> KnownKey[Caller] | None:
    """Return a key that is in force."""
    row = await pool.fetchrow(
        "SELECT project_id, digest, scopes FROM api_keys WHERE key_id = $1", key_id
    )
    if row is None:
        return None
    caller = Caller(key_id, row["project_id"], frozenset(row["scopes"]))
    return KnownKey(row["digest"], caller)
