"""Forgets who somebody was, and what they sent; what they did stays."""

from collections.abc import Sequence
from uuid import UUID

from redemption.render.rollback import without_what_was_sent
from redemption.store import order_requests
from servicekit.postgres.pool import Connection


async def erase(conn: Connection, project_id: str, customer_id: str) -> bool:
    """Forget who a customer is; what they did stays. Tell whether they were known.

    Answers about their orders go last: who keeps one holds the lock of its order.
    """
    known = await conn.fetchval(
        """
        UPDATE customers SET source_id = NULL, metadata = NULL, said_at = NULL, said_last = NULL,
            revision = revision + 1
        WHERE project_id = $1 AND customer_id = $2 RETURNING customer_id
        """,
        project_id,
        customer_id,
    )
    await conn.execute(
        "DELETE FROM customer_profiles WHERE project_id = $1 AND customer_id = $2",
        project_id,
        customer_id,
    )
    theirs = await conn.fetch(
        """
        SELECT order_id FROM orders WHERE customer_id = $2 AND project_id || '' = $1
        ORDER BY order_id FOR NO KEY UPDATE
        """,
        project_id,
        customer_id,
    )
    await conn.execute(
        """
        UPDATE orders SET metadata = NULL, revision = revision + 1, items = CASE
            WHEN json_typeof(items) = 'array' THEN (
                SELECT coalesce(json_agg(line::jsonb - 'metadata' ORDER BY place), '[]')
                FROM json_array_elements(items) WITH ORDINALITY AS lines (line, place)
            ) ELSE items END
        WHERE customer_id = $2 AND project_id || '' = $1
        """,
        project_id,
        customer_id,
    )
    order_ids = [row["order_id"] for row in theirs]
    await order_requests.forget_answers(conn, project_id, order_ids)
    return known is not None


async def erase_from_ledger(conn: Connection, entries: Sequence[UUID]) -> None:
    """Forget what was sent with these entries; their answers are made from what is left.

    Of rollbacks there is no making: their answers stay, without what was sent.
    """
    await conn.execute(
        """
        UPDATE ledger SET tracking_id = NULL, metadata = NULL, rollback_reason = NULL
        WHERE id = ANY ($1::uuid[])
        """,
        list(entries),
    )
    asked = await conn.fetch(
        """
        SELECT request_key, kind = 'rolled_back' AS is_rollback FROM ledger
        WHERE id = ANY ($1::uuid[])
        """,
        list(entries),
    )
    await conn.execute(
        "UPDATE requests SET body = NULL WHERE key = ANY ($1::bytea[])",
        list({row["request_key"] for row in asked if not row["is_rollback"]}),
    )
    answers = await conn.fetch(
        "SELECT key, body FROM requests WHERE key = ANY ($1::bytea[]) AND body IS NOT NULL",
        list({row["request_key"] for row in asked if row["is_rollback"]}),
    )
    await conn.executemany(
        "UPDATE requests SET body = $2 WHERE key = $1",
        [(key, without_what_was_sent(body)) for key, body in answers],
    )
