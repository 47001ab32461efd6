"""Orders as they are known, and what of each was counted."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from redemption.model import OrderKey
from redemption.purchases import KnownOrder
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Statement

KNOWN: Final = """
    customer_id, status, amount_minor, refunded_minor, counted_minor, currency, NULL::json AS items,
    paid_at, changed_at, revision
"""


async def read(conn: Connection, orders: Collection[OrderKey]) -> dict[OrderKey, KnownOrder]:
    """Return those of the orders that are known."""
    rows = await conn.fetch(
        f"""
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, o)
        CROSS JOIN LATERAL (
            SELECT project_id, order_id, {KNOWN} FROM orders
            WHERE project_id = p AND order_id = o OFFSET 0
        ) AS found
        """,  # noqa: S608 - our own columns
        *columns(orders, 2),
    )
    return {(p, o): KnownOrder(*known) for p, o, *known in rows}


async def make_and_lock(
    conn: Connection, orders: Collection[OrderKey]
) -> dict[OrderKey, KnownOrder]:
    """Lock orders in the order of the key, those too that nobody knows: of them in revision 0."""
    rows = await conn.fetch(
        f"""
        INSERT INTO orders (project_id, order_id, status, amount_minor, changed_at, created_at)
        SELECT p, o, 'CREATED', 0, '-infinity', '-infinity'
        FROM unnest($1::text[], $2::text[]) AS asked (p, o)
        ORDER BY p COLLATE "C", o COLLATE "C"
        ON CONFLICT (project_id, order_id) DO UPDATE SET revision = orders.revision
        RETURNING project_id, order_id, {KNOWN}
        """,  # noqa: S608 - our own columns
        *columns(orders, 2),
    )
    return {(p, o): KnownOrder(*known) for p, o, *known in rows}


def put(orders: Mapping[OrderKey, KnownOrder]) -> Statement:
    """Keep orders as they are now, in the order of the key.

    Raises SerializationError where one is in another revision than it was read in.
    """
    keys = sorted(orders)
    known = [orders[key] for key in keys]
    return Statement(
        """
        INSERT INTO orders (
            project_id, order_id, customer_id, status, amount_minor, refunded_minor, counted_minor,
            currency, items, paid_at, changed_at, created_at, revision
        )
        SELECT p, o, c, s, a, f, n, u, i::json, d, t, t, r + 1 FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
            $7::bigint[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[],
            $12::bigint[]
        ) AS now (p, o, c, s, a, f, n, u, i, d, t, r)
        ORDER BY p COLLATE "C", o COLLATE "C"
        ON CONFLICT (project_id, order_id) DO UPDATE SET
            customer_id = excluded.customer_id, status = excluded.status,
            amount_minor = excluded.amount_minor, refunded_minor = excluded.refunded_minor,
            counted_minor = excluded.counted_minor, currency = excluded.currency,
            items = CASE WHEN excluded.changed_at > orders.changed_at THEN excluded.items
                ELSE coalesce(excluded.items, orders.items) END,
            paid_at = excluded.paid_at, changed_at = excluded.changed_at,
            created_at = CASE WHEN orders.revision = 0 THEN excluded.created_at
                ELSE least(orders.created_at, excluded.created_at) END,
            revision = CASE WHEN orders.revision = excluded.revision - 1 THEN excluded.revision
                ELSE was_changed('order', orders.order_id) END
        """,
        (
            *columns(keys, 2),
            [each.customer_id for each in known],
            [each.status for each in known],
            [each.amount_minor for each in known],
            [each.refunded_minor for each in known],
            [each.counted_minor for each in known],
            [each.currency for each in known],
            [_written(each.items) for each in known],
            [each.paid_at for each in known],
            [each.changed_at for each in known],
            [each.revision for each in known],
        ),
    )


def forget(orders: Collection[OrderKey]) -> Statement:
    """Forget orders that were made to be locked, and of which nothing was redeemed."""
    return Statement(
        """
        DELETE FROM orders USING unnest($1::text[], $2::text[]) AS made (p, o)
        WHERE project_id = p AND order_id = o AND revision = 0
        """,
        columns(orders, 2),
    )


def _written(items: Any) -> str | None:
    return None if items is None else msgspec.json.encode(items).decode()
