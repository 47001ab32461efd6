"""Orders as they are known, and what of each was counted."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import orjson

from redemption.customers.known import Ends, KnownOrder
from redemption.model import OrderKey
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.reading import Question, Row
from servicekit.postgres.writing import Rows, Statement, Table

TABLE: Final = Table(
    "orders",
    (
        "project_id",
        "order_id",
        "customer_id",
        "status",
        "amount_minor",
        "refunded_minor",
        "counted_minor",
        "currency",
        "paid_at",
        "created_at",
        "changed_at",
        "version",
        "items",
        "metadata",
        "revision",
    ),
)
KNOWN: Final = """
    customer_id, status, amount_minor, refunded_minor, counted_minor, currency, paid_at,
    created_at, changed_at, version, NULL AS items, NULL AS metadata, revision,
    returned_minor
"""


READING: Final = f"""
    SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, o)
    CROSS JOIN LATERAL (
        SELECT project_id, order_id, {KNOWN} FROM orders
        WHERE project_id = p AND order_id = o OFFSET 0
    ) AS found
"""  # noqa: S608 - our own columns
LOCKING: Final = f"""
    SELECT locked.* FROM (
        SELECT p, o FROM unnest($1::text[], $2::text[]) AS asked (p, o)
        ORDER BY p COLLATE "C", o COLLATE "C"
    ) AS in_order
    CROSS JOIN LATERAL (
        SELECT project_id, order_id, {KNOWN} FROM orders
        WHERE project_id = p AND order_id = o FOR NO KEY UPDATE
    ) AS locked
"""  # noqa: S608 - our own columns


def question(orders: Collection[OrderKey], *, lock: bool) -> Question:
    """Ask for orders, and perhaps lock them, in the order of the key: who tells of one waits."""
    return Question(LOCKING if lock else READING, columns(orders, 2), len(orders))


def found(rows: Sequence[Row]) -> dict[OrderKey, KnownOrder]:
    """Return those of the orders that are known."""
    return {(p, o): KnownOrder(*known) for p, o, *known in rows}


async def read(conn: Connection, orders: Collection[OrderKey]) -> dict[OrderKey, KnownOrder]:
    return found(await conn.fetch(READING, *columns(orders, 2)))


async def lock(conn: Connection, orders: Collection[OrderKey]) -> dict[OrderKey, KnownOrder]:
    return found(await conn.fetch(LOCKING, *columns(orders, 2)))


async def ends_but_for(
    conn: Connection, asked: Collection[tuple[str, str, str]]
) -> dict[tuple[str, str, str], Ends]:
    """Return when customers paid first and last, of (project, customer, order) but that order."""
    rows = await conn.fetch(
        """
        SELECT p, c, o,
            (SELECT paid_at FROM orders WHERE customer_id = c AND project_id || '' = p
                AND order_id || '' <> o AND status IN ('PAID', 'FULFILLED')
                ORDER BY paid_at LIMIT 1) AS first_paid_at,
            (SELECT paid_at FROM orders WHERE customer_id = c AND project_id || '' = p
                AND order_id || '' <> o AND status IN ('PAID', 'FULFILLED')
                ORDER BY paid_at DESC LIMIT 1) AS last_paid_at
        FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (p, c, o)
        """,
        *columns(asked, 3),
    )
    return {(p, c, o): Ends(*ends) for p, c, o, *ends in rows}


def rows(orders: Mapping[OrderKey, KnownOrder]) -> Rows:
    """Keep orders that nobody knew, in the order of the key; one that is known fails it all."""
    return Rows(
        TABLE,
        [
            (
                *key,
                known.customer_id,
                known.status,
                known.amount_minor,
                known.refunded_minor,
                known.counted_minor,
                known.currency,
                known.paid_at,
                known.created_at,
                known.changed_at,
                known.version,
                None if known.items is None else orjson.Fragment(known.items),
                known.metadata,
                1,
            )
            for key, known in sorted(orders.items())
        ],
    )


def put(orders: Mapping[OrderKey, KnownOrder]) -> Statement:
    """Keep known orders as they are now, in the order of the key.

    Raises SerializationError where one is in another revision than it was read in.
    """
    keys = sorted(orders)
    known = [orders[key] for key in keys]
    return Statement(
        """
        INSERT INTO orders (
            project_id, order_id, customer_id, status, amount_minor, refunded_minor, counted_minor,
            currency, paid_at, created_at, changed_at, version, items, metadata, revision,
            returned_minor
        )
        SELECT p, o, c, s, a, f, n, u, d, b, t, v, i::json, m, r + 1, g FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
            $7::bigint[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[],
            $12::bigint[], $13::text[], $14::jsonb[], $15::bigint[],
            $16::bigint[]
        ) AS now (p, o, c, s, a, f, n, u, d, b, t, v, i, m, r, g)
        ORDER BY p COLLATE "C", o COLLATE "C"
        ON CONFLICT (project_id, order_id) DO UPDATE SET
            customer_id = excluded.customer_id, status = excluded.status,
            amount_minor = excluded.amount_minor, refunded_minor = excluded.refunded_minor,
            counted_minor = excluded.counted_minor, currency = excluded.currency,
            paid_at = excluded.paid_at, changed_at = excluded.changed_at,
            version = excluded.version,
            returned_minor = excluded.returned_minor,
            items = coalesce(excluded.items, orders.items),
            metadata = coalesce(excluded.metadata, orders.metadata),
            created_at = excluded.created_at,
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
            [each.paid_at for each in known],
            [each.created_at for each in known],
            [each.changed_at for each in known],
            [each.version for each in known],
            [each.items for each in known],
            [each.metadata for each in known],
            [each.revision for each in known],
            [each.returned_minor for each in known],
        ),
    )
