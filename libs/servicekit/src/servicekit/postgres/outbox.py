"""The outbox: what is to be published, written in the transaction that it tells of.

A row becomes a record of `topic` under `key`; the relay moves them in the order of their ids.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import asyncpg

from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Rows, Table

TABLE: Final = Table("outbox", ("topic", "key", "value"))

# ARRAY(…) makes the sub-select run once; a bare IN (… LIMIT …) may be run again for every row.
# By ctid, which saves a second descent of the index: the lock keeps each row where it is.
# `id > $1` spares the claim a walk over the index entries of rows that died lately.
CLAIM: Final = """
    DELETE FROM outbox WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM outbox WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
    )) RETURNING id, topic, key, value, extract(epoch FROM now() - written_at)::float8 AS age
"""


class Message(NamedTuple):
    """What readers of the topic will find."""

    topic: str
    key: bytes
    value: bytes


async def write(conn: Connection, messages: Iterable[Message]) -> None:
    """Leave messages for the relay, in this order."""
    await conn.copy_records_to_table(TABLE.name, columns=TABLE.columns, records=messages)


def rows(messages: Sequence[Message]) -> Rows:
    """Leave messages together with what else is written."""
    return Rows(TABLE, messages)


async def is_empty(conn: Connection, above: int) -> bool:
    """Look whether a claim would find nothing: a third of what a transaction costs."""
    row = await conn.fetchval("SELECT 1 FROM outbox WHERE id > $1 LIMIT 1", above)
    return row is None


async def claim(conn: Connection, above: int, limit: int) -> Sequence[asyncpg.Record]:
    """Take the oldest rows that nobody else holds, oldest first; rolled back, they are back."""
    rows = await conn.fetch(CLAIM, above, limit)
    rows.sort(key=lambda row: row["id"])
    return rows


async def age(conn: Connection) -> float:
    """Return how many seconds the oldest row has waited, 0 where none waits."""
    seconds: float | None = await conn.fetchval(
        """
        SELECT extract(epoch FROM now() - written_at)::float8 FROM outbox ORDER BY id LIMIT 1
        """
    )
    return seconds or 0.0
