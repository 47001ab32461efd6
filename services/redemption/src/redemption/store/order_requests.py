"""What orders were told by HTTP under a key, once: with the answer, byte for byte."""

from collections.abc import Sequence
from typing import NamedTuple

from redemption.model import OrderKey
from servicekit.postgres.pool import Connection


class OrderRequest(NamedTuple):
    """What is told of an order under a key; the fingerprint tells whether it is the same again."""

    key: bytes
    fingerprint: bytes
    order: OrderKey


class ToldBefore(NamedTuple):
    """What was told under a key before, and the answer, unless nobody could give it yet."""

    fingerprint: bytes
    body: bytes | None


async def claim(conn: Connection, request: OrderRequest) -> ToldBefore | None:
    """Keep a request in the transaction that keeps its order; None where it is the first.

    Who comes while the first is under way waits for its commit here.
    """
    claimed = await conn.fetchval(
        """
        INSERT INTO order_requests (key, fingerprint, project_id, order_id) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key) DO NOTHING RETURNING true
        """,
        request.key,
        request.fingerprint,
        *request.order,
    )
    if claimed:
        return None
    row = await conn.fetchrow(
        "SELECT fingerprint, body FROM order_requests WHERE key = $1", request.key
    )
    return None if row is None else ToldBefore(row["fingerprint"], row["body"])


async def answer(conn: Connection, key: bytes, body: bytes) -> bytes:
    """Keep the answer to a request, and return the one that is given: whoever was first.

    Behind the lock of its order, and so is the answer read: or it may tell who is erased meanwhile.
    """
    given: bytes | None = await conn.fetchval(
        "UPDATE order_requests SET body = coalesce(body, $2) WHERE key = $1 RETURNING body",
        key,
        body,
    )
    return body if given is None else given


async def forget_answers(conn: Connection, project_id: str, order_ids: Sequence[str]) -> None:
    """Forget the answers about orders, which say whose they are; behind the orders' locks."""
    await conn.execute(
        """
        UPDATE order_requests SET body = NULL WHERE project_id = $1 AND order_id = ANY ($2::text[])
        """,
        project_id,
        order_ids,
    )
