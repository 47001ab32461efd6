"""The outbox: what is to be published, written in the transaction that it tells of."""

from collections.abc import Iterable

import asyncpg

from campaigns.snapshots import Message
from campaigns.store.connecting import Connection


async def write(conn: Connection, messages: Iterable[Message]) -> None:
    """Leave messages for the relay, in this order."""
    await conn.copy_records_to_table(
        "outbox",
        columns=("topic", "key", "value"),
        records=[(m.topic, m.key, m.value) for m in messages],
    )


async def claim(conn: Connection, limit: int) -> list[asyncpg.Record]:
    """Take the oldest rows that nobody else holds, oldest first; rolled back, they are back.

    `ARRAY(…)` runs the sub-select once; a bare `IN (… LIMIT …)` may be run again per row.
    """
    rows = await conn.fetch(
        """
        DELETE FROM outbox WHERE id = ANY (ARRAY(
            SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
        )) RETURNING id, topic, key, value,
            extract(epoch FROM now() - written_at)::float8 AS age
        """,
        limit,
    )
    return sorted(rows, key=lambda row: int(row["id"]))
