"""Lists and counts of campaigns and codes. The caller opened a transaction that only reads."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from campaigns.listing import campaign_store, cursors, plan, prepared, voucher_store
from campaigns.listing.cursors import Key
from campaigns.listing.fields import CAMPAIGNS, VOUCHERS
from campaigns.listing.filters import Filters, Query
from campaigns.listing.plan import Page
from campaigns.listing.spelling import parse
from campaigns.refusals import InvalidQueryError
from campaigns.status import RANK, Status, matching
from servicekit.postgres.pool import Connection

COUNTED: tuple[Status, ...] = ("live", "scheduled", "used_up", "expired", "disabled", "in_bin")


async def campaigns(conn: Connection, project_id: str, query: Query, at: datetime) -> Page:
    """Return a page of campaigns, whose total is always exact."""
    keys, total = await campaign_store.page(
        conn,
        project_id,
        query.filters,
        at,
        key=query.key,
        descending=query.descending,
        after=cursors.decode(query, 2),
        limit=query.limit + 1,
        offset=query.offset,
    )
    return Page(keys[: query.limit], len(keys) > query.limit, total, total_estimated=False)


async def vouchers(conn: Connection, project_id: str, query: Query, at: datetime) -> Page:
    """Return a page of codes."""
    after = cursors.decode(query, plan.key_length(query.key))
    return await plan.page(conn, project_id, query, after, at)


async def campaigns_after(
    conn: Connection, project_id: str, query: Query, after: Key | None, *, at: datetime, most: int
) -> Page:
    """Return the next of all campaigns that a list means, and how many they are."""
    keys, total = await campaign_store.page(
        conn,
        project_id,
        query.filters,
        at,
        key=query.key,
        descending=query.descending,
        after=after,
        limit=most,
        offset=0,
    )
    return Page(keys, len(keys) == most, total, total_estimated=False)


async def vouchers_after(
    conn: Connection, project_id: str, query: Query, after: Key | None, *, at: datetime, most: int
) -> Page:
    """Return the next of all codes that a list means; at the first also how many they are."""
    first = after is None
    return await plan.page(conn, project_id, query, after, at, limit=most, counted=first)


async def campaign_counts(
    conn: Connection, project_id: str, filters: Filters, at: datetime
) -> dict[Status, tuple[int, bool]]:
    """Return how many campaigns are in each status, whatever the filters say of it."""
    by_rank = await campaign_store.counts(conn, project_id, filters, at)
    return {
        status: (sum(by_rank.get(rank, 0) for rank in _ranks(status)), False) for status in COUNTED
    }


async def voucher_counts(
    conn: Connection, project_id: str, filters: Filters, at: datetime
) -> dict[Status, tuple[int, bool]]:
    """Return how many codes are in each status, and of each whether that is an estimate."""
    kept = replace(
        filters, conditions=tuple(c for c in filters.conditions if c.field.kind != "status")
    )
    return await plan.counts(conn, project_id, kept, {s: _ranks(s) for s in COUNTED}, at)


async def selected_campaigns(
    conn: Connection, project_id: str, items: Iterable[tuple[str, str]], at: datetime, most: int
) -> list[str]:
    """Return the ids of all campaigns that a list's query string means: what a bulk job takes."""
    query = parse(_whole(items), CAMPAIGNS)
    return await campaign_store.ids(conn, project_id, query.filters, at, most)


async def selected_vouchers(
    conn: Connection,
    project_id: str,
    items: Iterable[tuple[str, str]],
    at: datetime,
    most: int,
    *,
    spelt: Callable[[str], str],
) -> list[str]:
    """Return the ids of all codes that a list's query string means: what a bulk job takes."""
    query = parse(_whole(items), VOUCHERS).spelt(spelt)
    asked, _, _ = await prepared.selection(conn, project_id, query.filters, at)
    return await voucher_store.ids(conn, asked, most)


def _whole(items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return them, or refuse by name what would mean a part of the list: all of it is taken."""
    found = list(items)
    for name, _ in found:
        if name in {"limit", "page", "cursor", "format"}:
            raise InvalidQueryError(name, "is not for a filter of many, which means all that match")
    return found


def _ranks(status: Status) -> frozenset[int]:
    return matching(frozenset({RANK[status]}))
