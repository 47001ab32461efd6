"""The outbox: what is to be published, written in the transaction that it tells of.

A message becomes a record of `topic` under `key`. A row holds a pack of them, compressed: to write
and to claim rows is what an outbox costs. The relay moves them in the order of the rows' ids.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import asyncpg
import cramjam
import msgspec

from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Rows, Table

TABLE: Final = Table("outbox", ("messages",))
IN_LANE: Final = Table("outbox", ("lane", "messages"))
LOCKS: Final = 0x0B0  # ours among the advisory locks of a database
PACK_BYTES: Final = 24_000  # of values; such a pack of outcomes fits into a page
LARGEST_MESSAGE: Final = 1_000_000  # compressed, as it goes to Kafka, which takes 1 MiB

# ARRAY(…) makes the sub-select run once; a bare IN (… LIMIT …) may be run again for every row.
# By ctid, which saves a second descent of the index: the lock keeps each row where it is.
# `id > $2` spares the claim a walk over the index entries of rows that died lately.
CLAIM: Final = """
    DELETE FROM outbox WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM outbox WHERE lane = $1 AND id > $2
        ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED
    )) RETURNING id, messages, extract(epoch FROM now() - written_at)::float8 AS age
"""


class Lane(IntEnum):
    """Which queue a message stands in: order is kept within one. A role says which it empties."""

    PROMPT = 0
    BULK = 1  # what comes by the thousand, and nobody waits for: a kill switch never stands behind


class Message(NamedTuple):
    """What readers of the topic will find."""

    topic: str
    key: bytes
    value: bytes


class TooLargeError(ValueError):
    """A message that Kafka would never take: in the outbox, all would stand behind it for ever."""


_encode: Final[Callable[[object], bytes]] = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[tuple[str, bytes, bytes]]).decode


async def write(conn: Connection, messages: Iterable[Message], lane: Lane = Lane.PROMPT) -> None:
    """Leave messages for the relay, in this order; raises for one that it could never publish."""
    packs = [(lane, _packed(pack)) for pack in _packs(messages)]
    for _, packed in packs:
        if len(packed) > LARGEST_MESSAGE:
            raise TooLargeError(
                f"comes to {len(packed):,} bytes, of which {LARGEST_MESSAGE:,} can be published"
            )
    await conn.copy_records_to_table(IN_LANE.name, columns=IN_LANE.columns, records=packs)


def rows(messages: Iterable[Message]) -> Rows:
    """Leave prompt messages together with what else is written."""
    return Rows(TABLE, [(_packed(pack),) for pack in _packs(messages)])


def unpack(messages: bytes) -> list[tuple[str, bytes, bytes]]:
    """Return the messages of a row, as (topic, key, value), in their order."""
    return _decode(cramjam.snappy.decompress_raw(messages))


async def is_empty(conn: Connection, lane: Lane, above: int) -> bool:
    """Look whether a claim would find nothing: a third of what a transaction costs."""
    row = await conn.fetchval(
        "SELECT 1 FROM outbox WHERE lane = $1 AND id > $2 LIMIT 1", lane, above
    )
    return row is None


async def claim(conn: Connection, lane: Lane, above: int, limit: int) -> Sequence[asyncpg.Record]:
    """Take the oldest rows that nobody else holds, oldest first; rolled back, they are back."""
    rows = await conn.fetch(CLAIM, lane, above, limit)
    rows.sort(key=lambda row: row["id"])
    return rows


async def lock(conn: Connection, lane: Lane) -> bool:
    """Try to be the only one who empties a lane, for as long as the connection holds."""
    locked: bool = await conn.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCKS, lane)
    return locked


async def age(conn: Connection, lane: Lane) -> float:
    """Return how many seconds a lane's oldest row has waited, 0 where none waits."""
    seconds: float | None = await conn.fetchval(
        """
        SELECT extract(epoch FROM now() - written_at)::float8 FROM outbox
        WHERE lane = $1 ORDER BY id LIMIT 1
        """,
        lane,
    )
    return seconds or 0.0


def _packs(messages: Iterable[Message]) -> Iterator[list[Message]]:
    pack: list[Message] = []
    size = 0
    for message in messages:
        size += len(message.value)
        if pack and size > PACK_BYTES:
            yield pack
            pack, size = [], len(message.value)
        pack.append(message)
    if pack:
        yield pack


def _packed(pack: Sequence[Message]) -> bytes:
    return bytes(cramjam.snappy.compress_raw(_encode(pack)))
