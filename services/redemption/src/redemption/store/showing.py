"""Orders and customers as they are shown: one, or a page, each of one project."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from redemption.render.rollback import without_what_was_sent
from servicekit.postgres.pool import Connection

ORDER: Final = """
    o.order_id, o.customer_id, o.status, o.amount_minor, o.refunded_minor, o.currency, o.items,
    o.metadata, o.paid_at, o.changed_at, o.created_at, c.source_id, p.name, p.email
"""
WHOSE: Final = """
    LEFT JOIN customers AS c ON (c.project_id, c.customer_id) = (o.project_id, o.customer_id)
    LEFT JOIN customer_profiles AS p
        ON (p.project_id, p.customer_id) = (o.project_id, o.customer_id)
"""
CUSTOMER: Final = """
    c.customer_id, c.source_id, c.metadata, c.paid_orders, c.spent_minor, c.last_paid_at,
    c.created_at, c.seen_at, p.name, p.email, p.details, latest.amount_minor AS last_amount_minor
"""
PROFILE: Final = """
    LEFT JOIN customer_profiles AS p
        ON (p.project_id, p.customer_id) = (c.project_id, c.customer_id)
    LEFT JOIN LATERAL (
        SELECT amount_minor FROM orders
        WHERE customer_id = c.customer_id AND project_id = c.project_id
            AND status IN ('PAID', 'FULFILLED')
        ORDER BY paid_at DESC LIMIT 1
    ) AS latest ON true
"""


class Page(NamedTuple):
    """What part of a list is read; `after` is the customer behind whom it begins."""

    limit: int
    offset: int
    descending: bool
    after: str | None = None

    @property
    def direction(self) -> str:
        return "DESC" if self.descending else "ASC"


async def order(conn: Connection, project_id: str, order_id: str) -> asyncpg.Record | None:
    return await conn.fetchrow(
        f"SELECT {ORDER} FROM orders AS o {WHOSE} WHERE o.project_id = $1 AND o.order_id = $2",  # noqa: S608 - our own columns
        project_id,
        order_id,
    )


async def orders(
    conn: Connection,
    project_id: str,
    page: Page,
    *,
    customer_ids: Sequence[str] | None = None,
    order_id: str | None = None,
) -> tuple[list[asyncpg.Record], int]:
    """Return a page of orders by when they were made, and how many there are."""
    where = """
        o.project_id = $1 AND o.revision > 0 AND ($2::text[] IS NULL OR o.customer_id = ANY ($2))
        AND ($3::text IS NULL OR o.order_id = $3)
    """
    given = (project_id, customer_ids, order_id)
    rows = await conn.fetch(
        f"""
        SELECT {ORDER} FROM orders AS o {WHOSE} WHERE {where}
        ORDER BY o.created_at {page.direction}, o.order_id {page.direction} LIMIT $4 OFFSET $5
        """,  # noqa: S608 - our own words
        *given,
        page.limit,
        page.offset,
    )
    total: int = await conn.fetchval(f"SELECT count(*) FROM orders AS o WHERE {where}", *given)  # noqa: S608 - our own words
    return rows, total


async def customer(
    conn: Connection, project_id: str, customer_ids: Sequence[str]
) -> asyncpg.Record | None:
    """Return the first of these customers who is known."""
    return await conn.fetchrow(
        f"""
        SELECT {CUSTOMER} FROM unnest($2::text[]) WITH ORDINALITY AS asked (id, place)
        JOIN customers AS c ON c.project_id = $1 AND c.customer_id = asked.id
        {PROFILE} ORDER BY asked.place LIMIT 1
        """,  # noqa: S608 - our own columns
        project_id,
        list(customer_ids),
    )


async def customers(
    conn: Connection,
    project_id: str,
    page: Page,
    *,
    email: str | None = None,
    name: str | None = None,
) -> tuple[list[asyncpg.Record], int]:
    """Return a page of customers by when they were first seen, and how many there are."""
    where = """
        c.project_id = $1 AND c.revision > 0 AND ($2::text IS NULL OR p.email = $2)
        AND ($3::text IS NULL OR lower(p.name) = lower($3))
    """
    given = (project_id, email, name)
    beyond = "<" if page.descending else ">"
    rows = await conn.fetch(
        f"""
        SELECT {CUSTOMER} FROM customers AS c {PROFILE}
        WHERE {where} AND ($6::text IS NULL OR (c.created_at, c.customer_id) {beyond} (
            SELECT created_at, customer_id FROM customers WHERE project_id = $1 AND customer_id = $6
        ))
        ORDER BY c.created_at {page.direction}, c.customer_id {page.direction} LIMIT $4 OFFSET $5
        """,  # noqa: S608 - our own words
        *given,
        page.limit,
        page.offset,
        page.after,
    )
    total: int = await conn.fetchval(
        f"""
        SELECT count(*) FROM customers AS c LEFT JOIN customer_profiles AS p
            ON (p.project_id, p.customer_id) = (c.project_id, c.customer_id) WHERE {where}
        """,  # noqa: S608 - our own words
        *given,
    )
    return rows, total


async def put_details(
    conn: Connection, project_id: str, customer_id: str, details: dict[str, Any]
) -> None:
    """Keep what else is said of who a customer is; what is not said stays."""
    await conn.execute(
        """
        INSERT INTO customer_profiles (project_id, customer_id, details) VALUES ($1, $2, $3)
        ON CONFLICT (project_id, customer_id) DO UPDATE SET
            details = coalesce(customer_profiles.details, '{}') || excluded.details
        """,
        project_id,
        customer_id,
        details,
    )


async def erase(conn: Connection, project_id: str, customer_id: str) -> bool:
    """Forget who a customer is; what they did stays. Tell whether they were known."""
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
    await conn.execute(
        """
        UPDATE orders SET metadata = NULL, revision = revision + 1, items = CASE
            WHEN json_typeof(items) = 'array' THEN (
                SELECT coalesce(json_agg(line::jsonb - 'metadata' ORDER BY place), '[]')
                FROM json_array_elements(items) WITH ORDINALITY AS lines (line, place)
            ) ELSE items END
        WHERE customer_id = $2 AND project_id = $1
        """,
        project_id,
        customer_id,
    )
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
    await conn.execute(
        """
        UPDATE requests SET body = NULL FROM ledger
        WHERE ledger.id = ANY ($1::uuid[]) AND key = ledger.request_key
            AND ledger.kind <> 'rolled_back'
        """,
        list(entries),
    )
    answers = await conn.fetch(
        """
        SELECT key, body FROM requests WHERE body IS NOT NULL AND key IN (
            SELECT request_key FROM ledger WHERE id = ANY ($1::uuid[]) AND kind = 'rolled_back'
        )
        """,
        list(entries),
    )
    await conn.executemany(
        "UPDATE requests SET body = $2 WHERE key = $1",
        [(key, without_what_was_sent(body)) for key, body in answers],
    )
