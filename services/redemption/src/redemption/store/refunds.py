"""Of which orders more was refunded than was rolled back, and what was redeemed on them."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from redemption.ledger.criteria import REDEEMED, Criteria
from redemption.model import OrderKey
from redemption.store import listing, orders
from redemption.store.columns import columns
from servicekit.postgres.pool import Connection

AT_ONCE: Final = 100  # orders
# For how much there is to be rolled back: a cancelled order counts by its amount, and by 1 where it
# has none. As the index has it, which holds those that are overdue.
BACK: Final = "CASE WHEN status = 'CANCELED' THEN greatest(amount_minor, 1) ELSE refunded_minor END"


class Refund(NamedTuple):
    """What is refunded of an order by now, which is in this revision."""

    key: OrderKey
    amount_minor: int
    refunded_minor: int
    is_cancelled: bool
    revision: int

    @property
    def whole(self) -> bool:
        return self.is_cancelled or self.refunded_minor >= self.amount_minor


async def due(conn: Connection, named: Collection[OrderKey]) -> list[Refund]:
    """Return those of the orders of which something is still to be rolled back."""
    rows = await conn.fetch(
        f"""
        SELECT project_id, order_id, amount_minor, back, is_cancelled, revision
        FROM unnest($1::text[], $2::text[]) AS asked (p, o)
        CROSS JOIN LATERAL (
            SELECT project_id, order_id, amount_minor,
                status = 'CANCELED' AS is_cancelled, returned_minor, revision, {BACK} AS back
            FROM orders WHERE project_id = p AND order_id = o OFFSET 0
        ) AS found
        WHERE back > returned_minor
        """,  # noqa: S608 - our own words
        *columns(named, 2),
    )
    return [Refund((p, o), *refund) for p, o, *refund in rows]


async def overdue(conn: Connection, behind: OrderKey) -> list[OrderKey]:
    """Return orders of which something is still to be rolled back, some of those behind a key.

    The condition is that of the index, which holds no others: one look where there is none.
    """
    rows = await conn.fetch(
        f"""
        SELECT project_id, order_id FROM orders
        WHERE returned_minor < {BACK}
            AND (project_id || '', order_id || '') > ($1, $2)
        ORDER BY project_id || '', order_id || '' LIMIT $3
        """,  # noqa: S608 - our own words
        *behind,
        AT_ONCE,
    )
    return [(row["project_id"], row["order_id"]) for row in rows]


async def redeemed_on(conn: Connection, order: OrderKey) -> list[UUID]:
    """Return all entries that were redeemed on an order; in a transaction."""
    of = Criteria(order[0], reasons=(REDEEMED,), order_ids=(order[1],))
    return await listing.every(conn, of)


async def note(conn: Connection, refunds: Sequence[Refund]) -> None:
    """Note what was rolled back, unless the order has moved on meanwhile; in a transaction."""
    keys = [refund.key for refund in refunds]
    await orders.lock(conn, keys)  # in the order in which everybody takes them
    await conn.execute(
        """
        UPDATE orders SET returned_minor = back, revision = revision + 1
        FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS done (p, o, back, seen)
        CROSS JOIN LATERAL (
            SELECT ctid FROM orders WHERE project_id = p AND order_id = o OFFSET 0
        ) AS found
        WHERE orders.ctid = found.ctid AND revision = seen
        """,
        *columns(keys, 2),
        [refund.refunded_minor for refund in refunds],
        [refund.revision for refund in refunds],
    )
