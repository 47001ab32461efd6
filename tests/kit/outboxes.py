"""What an outbox holds: messages that no relay has taken."""

import asyncpg

from servicekit.postgres import outbox
from servicekit.postgres.outbox import Message
from servicekit.postgres.pool import Connection


async def messages(books: asyncpg.Pool | Connection) -> list[Message]:
    """Return them in the order in which they are to be published."""
    return _unpacked(await books.fetch("SELECT messages FROM outbox ORDER BY id"))


async def taken(books: asyncpg.Pool | Connection) -> list[Message]:
    """Take them out, as a relay does."""
    rows = await books.fetch("DELETE FROM outbox RETURNING id, messages")
    return _unpacked(sorted(rows, key=lambda row: int(row["id"])))


def _unpacked(rows: list[asyncpg.Record]) -> list[Message]:
    return [Message(*each) for row in rows for each in outbox.unpack(row["messages"])]
