"""Reads lists of the ledger: a page, with how many entries there are in all, or all of them."""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from contracts.redemptions import Reason
from redemption.ledger.criteria import Criteria, Position, Wanted
from redemption.ledger.entries import ShownEntry
from redemption.store import campaigns, listing, vouchers
from redemption.store.listing import COUNTED, SortKey, Total
from redemption.store.ways import Part
from servicekit.postgres.pool import Connection, Lender, transaction

BLOCK: Final = 1_000
NOTHING: Final = Total(0, estimated=False)


class Page(NamedTuple):
    """Entries, and where the next ones begin; None is the end."""

    entries: list[ShownEntry]
    total: Total
    more: Position | None


async def page(lender: Lender, wanted: Wanted, part: Part) -> Page:
    """Read a part of a list, and count it."""
    async with transaction(lender) as conn:
        of = await _resolved(conn, wanted)
        if of.are_of_nothing:
            return Page([], NOTHING, None)
        total = await listing.total(conn, of)
        found = await listing.positions(conn, of, part._replace(limit=part.limit + 1))
        more = len(found) > part.limit
        found = found[: part.limit]
        entries = await listing.shown(conn, of.project_id, [each.id for each in found])
    return Page(entries, total, found[-1] if more else None)


class TooManyToSortError(Exception):
    """A list that is longer than what is sorted."""


async def page_by(lender: Lender, wanted: Wanted, part: Part, key: SortKey) -> Page:
    """Read a part of a list that is ordered by something else than its moments.

    There is no index for that: all of it is read and sorted. Raises TooManyToSortError.
    """
    async with transaction(lender) as conn:
        of = await _resolved(conn, wanted)
        if of.are_of_nothing:
            return Page([], NOTHING, None)
        total = await listing.total(conn, of)
        if total.estimated:
            raise TooManyToSortError(
                f"about {total.number:,} match, at most {COUNTED:,} are sorted"
            )
        found = await listing.positions(conn, of, Part(COUNTED))
        ids = await listing.sorted_by(conn, key, [each.id for each in found], part)
        entries = await listing.shown(conn, of.project_id, ids)
    more = found[-1] if part.offset + len(ids) < len(found) else None
    return Page(entries, total, more)


async def count(lender: Lender, wanted: Wanted) -> Total:
    """Return how many entries a list has, as its pages say."""
    async with transaction(lender) as conn:
        of = await _resolved(conn, wanted)
        if of.are_of_nothing:
            return NOTHING
        return await listing.total(conn, of)


async def all_of(
    lender: Lender, wanted: Wanted, *, descending: bool
) -> AsyncIterator[list[ShownEntry]]:
    """Read all entries, block by block; no connection is kept while nobody takes them."""
    part: Part | None = Part(BLOCK, descending=descending)
    while part is not None:
        async with transaction(lender) as conn:
            of = await _resolved(conn, wanted)
            if of.are_of_nothing:
                return
            found = await listing.positions(conn, of, part)
            entries = await listing.shown(conn, of.project_id, [each.id for each in found])
        if entries:
            yield entries
        part = part._replace(after=found[-1]) if len(found) == BLOCK else None


async def _resolved(conn: Connection, wanted: Wanted) -> Criteria:
    """Find out which campaigns are meant by names and partners, and which codes by their ids."""
    of = wanted.criteria
    if wanted.voucher_ids is not None:
        codes = await vouchers.of_ids(conn, of.project_id, wanted.voucher_ids)
        of = of._replace(codes=tuple(sorted(codes if of.codes is None else codes & {*of.codes})))
    meant = None if of.campaign_ids is None else set(of.campaign_ids)
    for known, of_these in (
        (wanted.campaign_names, campaigns.of_names),
        (wanted.partner_ids, campaigns.of_partners),
    ):
        if known is not None:
            theirs = await of_these(conn, of.project_id, known)
            meant = theirs if meant is None else meant & theirs
    if meant is None:
        return of
    # What nobody issued is of no campaign: to look for it there would be to pass over all of it.
    reasons = tuple(reason for reason in of.reasons if reason != Reason.NOT_FOUND)
    return of._replace(campaign_ids=tuple(sorted(meant)), reasons=reasons)
