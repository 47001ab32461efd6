"""API keys in force, as our copy of the projects has them."""

from typing import NamedTuple

import asyncpg


class ApiKeyRow(NamedTuple):
    """Whose key it is, the SHA-256 of its secret, and what it may do."""

    project_id: str
    digest: bytes
    scopes: tuple[str, ...]


async def find_key(conn: asyncpg.Pool, key_id: str) -> ApiKeyRow | None:
    """Return a key that is in force."""
    row = await conn.fetchrow(
        "SELECT project_id, digest, scopes FROM api_keys WHERE key_id = $1", key_id
    )
    return row and ApiKeyRow(row["project_id"], row["digest"], tuple(row["scopes"]))
