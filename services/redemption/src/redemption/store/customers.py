"""What customers did, and since when they are known: as it is read and locked."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Final

from redemption.customers.known import KnownCustomer
from redemption.model import CustomerKey
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection
from servicekit.postgres.reading import Question, Row

# That are walked through without a turn for anybody else: some milliseconds' work.
AT_ONCE: Final = 200
KNOWN: Final = """
    first_redemption_id IS NOT NULL, paid_orders, spent_minor, first_paid_at, first_order_id,
    last_paid_at, created_at, coalesce(metadata, '{}'), coalesce(said_at, '{}'), revision
"""


READING: Final = f"""
    SELECT found.* FROM unnest($1::text[], $2::text[]) AS asked (p, c)
    CROSS JOIN LATERAL (
        SELECT project_id, customer_id, {KNOWN} FROM customers
        WHERE project_id = p AND customer_id = c OFFSET 0
    ) AS found
"""  # noqa: S608 - our own columns
LOCKING: Final = f"""
    SELECT locked.* FROM (
        SELECT p, c FROM unnest($1::text[], $2::text[]) AS asked (p, c)
        ORDER BY p COLLATE "C", c COLLATE "C"
    ) AS in_order
    CROSS JOIN LATERAL (
        SELECT project_id, customer_id, {KNOWN} FROM customers
        WHERE project_id = p AND customer_id = c FOR NO KEY UPDATE
    ) AS locked
"""  # noqa: S608 - our own columns


def question(customers: Collection[CustomerKey], *, lock: bool) -> Question:
    """Ask for these customers, and perhaps lock them, in the order of the key.

    Two campaigns may see a customer at once: the second waits here, and sees what the first did.
    Or, of one who is not known yet, is told when it writes.
    """
    return Question(LOCKING if lock else READING, columns(customers, 2), len(customers))


def found(
    customers: Collection[CustomerKey], rows: Sequence[Row]
) -> dict[CustomerKey, KnownCustomer]:
    """Return these customers; who is not known has done nothing."""
    known = {(p, c): KnownCustomer(*each) for p, c, *each in rows}
    return dict.fromkeys(customers, KnownCustomer()) | known


async def read(
    conn: Connection, customers: Collection[CustomerKey]
) -> dict[CustomerKey, KnownCustomer]:
    return found(customers, await conn.fetch(READING, *columns(customers, 2)))


async def walk(
    conn: Connection, project_id: str, segment_id: str | None, *, descending: bool
) -> AsyncIterator[tuple[str, KnownCustomer]]:
    """Go through the customers of a project, or those on a list, by when they were first seen."""
    direction = "DESC" if descending else "ASC"
    async for customer_id, *known in conn.cursor(
        f"""
        SELECT customer_id, {KNOWN} FROM customers
        WHERE project_id = $1 AND created_at > '-infinity' AND ($2::text IS NULL OR customer_id IN (
            SELECT customer_id FROM segment_members WHERE project_id = $1 AND segment_id = $2
        ))
        ORDER BY created_at {direction}, customer_id {direction}
        """,  # noqa: S608 - our own words
        project_id,
        segment_id,
        prefetch=AT_ONCE,
    ):
        yield customer_id, KnownCustomer(*known)


async def lock(
    conn: Connection, customers: Collection[CustomerKey]
) -> dict[CustomerKey, KnownCustomer]:
    return found(customers, await conn.fetch(LOCKING, *columns(customers, 2)))
