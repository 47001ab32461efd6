"""Orders and customers as they are shown: one, or a page, each of one project."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import asyncpg

from servicekit.postgres.pool import Connection

ORDER: Final = """
    o.order_id, o.customer_id, o.status, o.amount_minor, o.refunded_minor, o.items, o.metadata,
    coalesce(o.currency, (SELECT currency FROM projects WHERE project_id = o.project_id))
        AS currency,
    o.paid_at, o.changed_at, o.created_at, c.source_id, p.name, p.email
"""
WHOSE: Final = """
    LEFT JOIN LATERAL (
        SELECT source_id FROM customers
        WHERE project_id = o.project_id AND customer_id = o.customer_id OFFSET 0
    ) AS c ON true
    LEFT JOIN LATERAL (
        SELECT name, email FROM customer_profiles
        WHERE project_id = o.project_id AND customer_id = o.customer_id OFFSET 0
    ) AS p ON true
"""
CUSTOMER: Final = """
    c.customer_id, c.source_id, c.metadata, c.paid_orders, c.spent_minor, c.last_paid_at,
    c.created_at, c.seen_at, p.name, p.email, p.details, latest.amount_minor AS last_amount_minor
"""
PROFILE: Final = """
    LEFT JOIN LATERAL (
        SELECT name, email, details FROM customer_profiles
        WHERE project_id = c.project_id AND customer_id = c.customer_id OFFSET 0
    ) AS p ON true
    LEFT JOIN LATERAL (
        SELECT amount_minor FROM orders
        WHERE customer_id = c.customer_id AND project_id || '' = c.project_id
            AND status IN ('PAID', 'FULFILLED')
        ORDER BY paid_at DESC LIMIT 1
    ) AS latest ON true
"""


# As the indexes have them: what is never false lets a partial one be used.
WALKED: Final = "created_at > '-infinity'"
MILLISECOND: Final = timedelta(milliseconds=1)


# There are no indexes by these: so many are sorted.
MOST_SORTED: Final = 10_000
ORDERS_BY: Final = {"created_at": "o.created_at", "updated_at": "o.changed_at"}
CUSTOMERS_BY: Final = {
    "created_at": "c.created_at",
    "updated_at": "c.seen_at",
    "source_id": "c.source_id",
}


class TooManyToSortError(Exception):
    """A list that is longer than what is sorted."""


class Page(NamedTuple):
    """What part of a list is read.

    `after` is the customer behind whom it begins, or the millisecond in which they were first seen.
    """

    limit: int
    offset: int
    descending: bool
    after: str | datetime | None = None
    by: str = "created_at"

    @property
    def direction(self) -> str:
        return "DESC" if self.descending else "ASC"

    def check_sorted(self, total: int) -> None:
        """Raise TooManyToSortError where so many are not sorted as they are asked for."""
        if self.by != "created_at" and total > MOST_SORTED:
            raise TooManyToSortError(f"{total:,} match, at most {MOST_SORTED:,} are sorted so")


class Moment(NamedTuple):
    """A bound of when customers were first seen, or last changed."""

    of: str
    is_after: bool
    at: datetime


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
    """Return a page of orders by when they were made, and how many there are.

    Each by the index of what is asked for: plans are kept, and are to fit whatever is not asked.
    """
    given: list[Any] = [project_id]
    if customer_ids is not None:
        given.append(customer_ids)
        where = "o.customer_id = ANY ($2::text[]) AND o.project_id || '' = $1"
    else:
        where = f"o.project_id = $1 AND o.{WALKED}"
    if order_id is not None:
        given.append(order_id)
        where += f" AND o.order_id = ${len(given)}"
    total: int = await conn.fetchval(f"SELECT count(*) FROM orders AS o WHERE {where}", *given)  # noqa: S608 - our own words
    page.check_sorted(total)
    rows = await conn.fetch(
        f"""
        SELECT {ORDER} FROM orders AS o {WHOSE} WHERE {where}
        ORDER BY {ORDERS_BY[page.by]} {page.direction}, o.order_id {page.direction}
        LIMIT {page.limit} OFFSET {page.offset}
        """,  # noqa: S608 - our own words, and numbers
        *given,
    )
    return rows, total


async def customer(
    conn: Connection, project_id: str, customer_ids: Sequence[str]
) -> asyncpg.Record | None:
    """Return the first of these customers who is known."""
    return await conn.fetchrow(
        f"""
        SELECT {CUSTOMER} FROM unnest($2::text[]) WITH ORDINALITY AS asked (id, place)
        CROSS JOIN LATERAL (
            SELECT * FROM customers WHERE project_id = $1 AND customer_id = asked.id OFFSET 0
        ) AS c
        {PROFILE} ORDER BY asked.place LIMIT 1
        """,  # noqa: S608 - our own columns
        project_id,
        list(customer_ids),
    )


async def those(
    conn: Connection, project_id: str, customer_ids: Sequence[str]
) -> list[asyncpg.Record]:
    """Return these customers, in their order."""
    return list(
        await conn.fetch(
            f"""
            SELECT {CUSTOMER} FROM unnest($2::text[]) WITH ORDINALITY AS asked (id, place)
            JOIN customers AS c ON c.project_id = $1 AND c.customer_id = asked.id
            {PROFILE} ORDER BY asked.place
            """,  # noqa: S608 - our own columns
            project_id,
            list(customer_ids),
        )
    )


async def customers(
    conn: Connection,
    project_id: str,
    page: Page,
    *,
    email: str | None = None,
    name: str | None = None,
    moments: Sequence[Moment] = (),
) -> tuple[list[asyncpg.Record], int]:
    """Return a page of customers, and how many there are in all. Raises TooManyToSortError."""
    given: list[Any] = [project_id]
    source, where = "customers AS c", f"c.project_id = $1 AND c.{WALKED}"
    conditions = []
    if email is not None:
        given.append(email)
        conditions.append(f"email = ${len(given)}")
    if name is not None:
        given.append(name)
        conditions.append(f"lower(name) = lower(${len(given)})")
    if conditions:
        # Those of that name or e-mail first, and then each by its key.
        source = f"""
            (SELECT customer_id FROM customer_profiles
                WHERE project_id = $1 AND {" AND ".join(conditions)} OFFSET 0) AS named
            CROSS JOIN LATERAL (
                SELECT * FROM customers WHERE project_id = $1 AND customer_id = named.customer_id
                OFFSET 0
            ) AS c
        """  # noqa: S608 - our own words
        where = "true"
    for each in moments:
        given.append(each.at)
        where += f" AND {CUSTOMERS_BY[each.of]} {'>' if each.is_after else '<'} ${len(given)}"
    total: int = await conn.fetchval(f"SELECT count(*) FROM {source} WHERE {where}", *given)  # noqa: S608 - our own words
    page.check_sorted(total)
    if isinstance(page.after, datetime):
        given.append(page.after if page.descending else page.after + MILLISECOND)
        where += f" AND c.created_at {'<' if page.descending else '>='} ${len(given)}"
    elif page.after is not None:
        given.append(page.after)
        beyond = "<" if page.descending else ">"
        where += f"""
            AND (c.created_at, c.customer_id) {beyond} (
                SELECT created_at, customer_id FROM customers
                WHERE project_id = $1 AND customer_id = ${len(given)}
            )
        """  # noqa: S608 - our own words
    nulls = "NULLS LAST" if page.by == "source_id" else ""  # or no index is in this order
    rows = await conn.fetch(
        f"""
        SELECT {CUSTOMER} FROM {source} {PROFILE} WHERE {where}
        ORDER BY {CUSTOMERS_BY[page.by]} {page.direction} {nulls}, c.customer_id {page.direction}
        LIMIT {page.limit} OFFSET {page.offset}
        """,  # noqa: S608 - our own words, and numbers
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
