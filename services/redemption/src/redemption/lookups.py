"""What HTTP asks of Postgres beside decisions: keys, and decisions already made."""

from uuid import UUID

import asyncpg


async def api_key(conn: asyncpg.Pool, key_id: str) -> tuple[str, bytes, list[str]] | None:
    """Find a key that is in force: its project, the digest of its secret, its scopes."""
    row = await conn.fetchrow(
        "SELECT project_id, digest, scopes FROM api_keys WHERE key_id = $1", key_id
    )
    return (row[0], row[1], row[2]) if row else None


async def ledger_entry(conn: asyncpg.Pool, project_id: str, id_: UUID) -> asyncpg.Record | None:
    """Find one decision of a project: when it was judged, how, and the answer that was given."""
    return await conn.fetchrow(
        """
        SELECT accepted, reason, code, customer_id, order_id, order_minor, at, body
        FROM ledger WHERE id = $2 AND project_id = $1
        """,
        project_id,
        id_,
    )
