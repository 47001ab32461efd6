"""Who has redeemed before."""

from collections.abc import Collection, Mapping
from uuid import UUID

from redemption.model import CustomerKey
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import Statement


async def insert_new_customers(
    conn: Connection, first_redemptions: Mapping[CustomerKey, UUID]
) -> set[CustomerKey]:
    """Keep who redeemed; return those who did so for the first time.

    Two campaigns may see a customer at once: the second waits here, in the order of the key. So who
    is not returned has a first redemption that is committed.
    """
    keys = sorted(first_redemptions)
    rows = await conn.fetch(
        """
        INSERT INTO customers (project_id, customer_id, first_redemption_id)
        SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) AS seen (p, c, r)
        ORDER BY p, c ON CONFLICT DO NOTHING
        RETURNING project_id, customer_id
        """,
        *columns(keys, 2),
        [first_redemptions[key] for key in keys],
    )
    return {(r["project_id"], r["customer_id"]) for r in rows}


async def who_redeemed(conn: Connection, customers: Collection[CustomerKey]) -> set[CustomerKey]:
    """Return those who have redeemed before."""
    rows = await conn.fetch(
        """
        SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        CROSS JOIN LATERAL (
            SELECT project_id, customer_id FROM customers
            WHERE project_id = p AND customer_id = c OFFSET 0
        ) AS found
        """,
        *columns(customers, 2),
    )
    return {(r["project_id"], r["customer_id"]) for r in rows}


def insert(first_redemptions: Mapping[CustomerKey, UUID]) -> Statement:
    """Keep customers who are new, in the order of the key.

    Raises UniqueViolationError where one redeemed meanwhile.
    """
    keys = sorted(first_redemptions)
    return Statement(
        """
        INSERT INTO customers (project_id, customer_id, first_redemption_id)
        SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) AS seen (p, c, r) ORDER BY p, c
        """,
        (*columns(keys, 2), [first_redemptions[key] for key in keys]),
    )
