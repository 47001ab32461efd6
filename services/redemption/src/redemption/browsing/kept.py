"""Reads orders and customers with what the ledger says of them, and forgets who somebody was."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from contracts.redemptions import Reason
from redemption.browsing import browse
from redemption.ledger.criteria import REDEEMED, ROLLED_BACK, Criteria, Wanted
from redemption.ledger.entries import ShownEntry
from redemption.store import customers, erasing, listing, showing
from redemption.store.ways import Part
from servicekit.postgres.pool import Connection, Lender, transaction

MOST: Final = 1_000  # entries of the orders of a page
GAVE_OR_TOOK: Final = (REDEEMED, ROLLED_BACK)
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "total_redeemed": (REDEEMED,),
    "total_succeeded": (REDEEMED,),
    "total_failed": tuple(reason.value for reason in Reason),
    "total_rolled_back": (ROLLED_BACK,),
}


class Kept(NamedTuple):
    """A row, and the entries of the ledger that are about it."""

    row: asyncpg.Record
    entries: Sequence[ShownEntry]


async def order(lender: Lender, project_id: str, order_id: str) -> Kept | None:
    async with transaction(lender) as conn:
        return await order_within(conn, project_id, order_id)


async def order_within(conn: Connection, project_id: str, order_id: str) -> Kept | None:
    """Return an order, as it is read in a transaction."""
    row = await showing.order(conn, project_id, order_id)
    return None if row is None else (await _with_entries(conn, project_id, [row]))[0]


async def orders(
    lender: Lender, project_id: str, page: showing.Page, **of: Any
) -> tuple[list[Kept], int]:
    async with transaction(lender) as conn:
        rows, total = await showing.orders(conn, project_id, page, **of)
        return await _with_entries(conn, project_id, rows), total


async def _with_entries(
    conn: Connection, project_id: str, rows: Sequence[asyncpg.Record]
) -> list[Kept]:
    if not rows:
        return []
    named = tuple(row["order_id"] for row in rows)
    of = Criteria(project_id, reasons=GAVE_OR_TOOK, order_ids=named)
    found = await listing.positions(conn, of, Part(MOST))
    entries = await listing.shown(conn, project_id, [each.id for each in found])
    return [Kept(row, [e for e in entries if e.past.order_id == row["order_id"]]) for row in rows]


async def redemptions_of(lender: Lender, project_id: str, customer_id: str) -> dict[str, int]:
    """Count what became of a customer's codes."""
    async with transaction(lender) as conn:
        counted = {}
        for name, reasons in KINDS.items():
            of = Criteria(project_id, reasons=reasons, customer_ids=(customer_id,))
            counted[name] = (await listing.total(conn, of)).number
    return counted


async def everything_of(
    lender: Lender, project_id: str, customer_id: str
) -> tuple[list[Kept], list[ShownEntry]]:
    """Return all orders and all entries of a customer."""
    entries: list[ShownEntry] = []
    wanted = Wanted(Criteria(project_id, customer_ids=(customer_id,)))
    async for block in browse.all_of(lender, wanted, descending=True):
        entries += block
    every = showing.Page(limit=100_000, offset=0, descending=True)
    async with transaction(lender) as conn:
        rows, _ = await showing.orders(conn, project_id, every, customer_ids=[customer_id])
    by_order: dict[str | None, list[ShownEntry]] = {}
    for entry in entries:
        if entry.past.kind != "refused":
            by_order.setdefault(entry.past.order_id, []).append(entry)
    return [Kept(row, by_order.get(row["order_id"], [])) for row in rows], entries


async def is_in_the_ledger(lender: Lender, project_id: str, customer_id: str) -> bool:
    """Tell whether anything became of a customer's codes, if only that they were refused."""
    of = Criteria(project_id, customer_ids=(customer_id,))
    async with transaction(lender) as conn:
        return bool(await listing.positions(conn, of, Part(1)))


async def erase(lender: Lender, project_id: str, customer_id: str) -> bool:
    """Forget who a customer was; what they did stays. Tell whether they were known.

    What they sent goes from the ledger too, and so from the answers that were kept: who repeats a
    request gets one without it. What is sent meanwhile waits, or is found by another look.
    """
    of = Criteria(project_id, customer_ids=(customer_id,))
    erased: set[UUID] = set()
    async with transaction(lender) as conn:
        await customers.lock(conn, [(project_id, customer_id)])
        while found := {*await listing.every(conn, of)} - erased:
            await erasing.erase_from_ledger(conn, sorted(found))
            erased |= found
        return await erasing.erase(conn, project_id, customer_id)
