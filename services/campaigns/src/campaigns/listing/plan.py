"""Chooses how a page of codes is found, so that it is found soon whatever is asked.

Three ways, each good where the others are not: to walk along the list's order and pass over what is
not meant (much is meant), to merge the beginnings of campaigns (few campaigns are meant, or none at
this end), to gather all that is meant and sort it (little is meant). How much is meant is kept for
campaigns and states, and estimated from statistics for all else. A way that takes too long is given
up for the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from campaigns.listing import merging, tuning, ways
from campaigns.listing import voucher_store as store
from campaigns.listing.asked import COUNTED, SORTS, Row, Sort, by_metadata
from campaigns.listing.cursors import Key
from campaigns.listing.fields import METADATA
from campaigns.listing.filters import Filters, Query
from campaigns.listing.in_turn import by_campaign
from campaigns.listing.prepared import List, part_of, prepare, total_of, with_ranks, within
from campaigns.refusals import InvalidQueryError
from campaigns.status import Status
from servicekit.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Page:
    """The keys of a page's rows, which end with the id; whether there are more; how many in all."""

    keys: Sequence[Key]
    more: bool
    total: int
    total_estimated: bool


async def page(
    conn: Connection,
    project_id: str,
    query: Query,
    after: Key | None,
    at: datetime,
    *,
    limit: int | None = None,
    counted: bool = True,
) -> Page:
    """Return one page of a project's codes; `conn` is in a transaction that only reads.

    Not `counted`, its total is 0.
    """
    await conn.execute(f"SET LOCAL statement_timeout = {tuning.BACKSTOP_MS}")
    try:
        found = await prepare(conn, project_id, query, at)
        return await _page(found, query, after, limit or query.limit, counted=counted)
    except asyncpg.QueryCanceledError:
        raise InvalidQueryError(
            "filters", "finds too much to be sorted so in time: narrow it", key="list_too_broad"
        ) from None


def key_length(key: str) -> int:
    """Return how many parts the sort key of a row has in a list of codes."""
    if key in SORTS or key.startswith(METADATA):
        return 2
    return 3 if key == "status" else 4


async def counts(
    conn: Connection,
    project_id: str,
    filters: Filters,
    ranks_of: Mapping[Status, frozenset[int]],
    at: datetime,
) -> dict[Status, tuple[int, bool]]:
    """Return how many codes are in each status, and whether that is an estimate."""
    await conn.execute(f"SET LOCAL statement_timeout = {tuning.BACKSTOP_MS}")
    whole = await with_ranks(await prepare(conn, project_id, Query(filters), at))
    answer: dict[Status, tuple[int, bool]] = {}
    for status, ranks in ranks_of.items():
        part = await part_of(whole, ranks)
        answer[status] = (0, False) if part is None else await total_of(part)
    return answer


async def _page(found: List, query: Query, after: Key | None, limit: int, *, counted: bool) -> Page:
    if not found.asked.selection.groups:
        return Page([], more=False, total=0, total_estimated=False)
    first = after is None and query.offset == 0
    keys = await _keys(found, query, after, limit + 1, query.offset)
    total, estimated = await total_of(found) if counted else (0, False)
    if estimated:
        total = max(total, query.offset + len(keys))
    if first and len(keys) <= limit:
        total, estimated = len(keys), False
    return Page(keys[:limit], len(keys) > limit, total, estimated)


async def _keys(found: List, query: Query, after: Key | None, limit: int, skip: int) -> list[Key]:
    """Return the keys of the rows that come after so many more; all of them if there are fewer."""
    if query.key in SORTS:
        rows = await _sorted(found, SORTS[query.key], after, limit, skip)
        return [(row.key, row.id) for row in rows]
    if query.key.startswith(METADATA):
        return await _by_metadata(found, query.key.removeprefix(METADATA), after, limit, skip)
    if query.key == "status":
        return (await _by_status(found, after, skip + limit))[skip:]
    return await by_campaign(found, query.key, after, limit, skip)


async def _by_metadata(
    found: List, name: str, after: Key | None, limit: int, skip: int
) -> list[Key]:
    """List by a value that no index has: only where so few are meant that they can be sorted."""
    if not found.few or await store.count(found.conn, found.asked) > COUNTED:
        raise InvalidQueryError(
            "order", f"by metadata takes {COUNTED:,} codes at most: narrow it", key="sort_too_broad"
        )
    rows = await _gather(found, by_metadata(name), after, limit, skip)
    return [(row.key, row.id) for row in rows]


async def _by_status(found: List, after: Key | None, limit: int) -> list[Key]:
    """List one status after the other, and within each the older or the newer first."""
    keys: list[Key] = []
    found = await with_ranks(found)
    for rank in sorted(found.wanted, reverse=found.descending):
        if after is not None and (rank < after[0]) != found.descending and rank != after[0]:
            continue
        inner = after[1:] if after is not None and rank == after[0] else None
        part = await part_of(found, frozenset({rank}))
        if part is None:
            continue
        rows = await _sorted(part, SORTS["created_at"], inner, limit - len(keys), 0)
        keys += [(rank, row.key, row.id) for row in rows]
        if len(keys) >= limit:
            break
    return keys


async def _sorted(found: List, sort: Sort, after: Key | None, limit: int, skip: int) -> list[Row]:
    if found.asked.is_plain:
        return await _plain(found, sort, after, limit, skip)
    if found.asked.names_codes:
        return await _gather(found, sort, after, limit, skip)
    heavy = found.asked.looks_at_vouchers or sort.table == "vouchers"
    short = tuning.PROBED_BY_VOUCHERS if heavy else tuning.PROBED
    enough = skip + max(limit, tuning.PROBE_ENOUGH)
    probed = await _walk(found, sort, after, limit=enough, most=short)
    if after is None and len(probed) >= tuning.PROBE_COUNTS:
        passed = probed[-1].passed if len(probed) == enough else short
        await _expect(found, len(probed), passed)
    if len(probed) >= skip + limit:
        return probed[skip : skip + limit]
    if (found.few or not probed) and not found.asked.is_of_three_letters:
        rows = await within(
            found.conn, tuning.GATHER_MS, lambda: _gather(found, sort, after, limit, skip)
        )
        if rows is not None:
            return rows
    most = tuning.WALKED_BY_VOUCHERS if heavy else tuning.WALKED
    rows = await _walk(found, sort, after, limit=limit, most=max(most, 2 * limit), skip=skip)
    if len(rows) < limit:
        return await _gather(found, sort, after, limit, skip)
    if after is None and len(rows) >= tuning.PROBE_COUNTS:
        await _expect(found, skip + limit, rows[-1].passed)
    return rows


async def _expect(found: List, meant: int, passed: int) -> None:
    """Tell how much is meant by what was seen on a walk: of rows that were passed, so many were."""
    base = await store.kept_count(found.conn, found.asked)
    found.expected = max(meant, base * meant // passed)


async def _plain(found: List, sort: Sort, after: Key | None, limit: int, skip: int) -> list[Row]:
    """Find what campaigns and states alone decide."""
    if found.few:
        return await _gather(found, sort, after, limit, skip)
    merges = sort.per_campaign and found.asked.selection.campaigns is not None
    if not merges or sort.in_both or len(found.asked.selection.pairs) > tuning.MANY_PAIRS:
        most = tuning.WALKED if sort.table == "voucher_listing" else tuning.WALKED_BY_VOUCHERS
        if merges and sort.in_both:
            most = tuning.PROBED  # to merge by age looks at few campaigns
        rows = await _walk(found, sort, after, limit=limit, most=max(most, 2 * limit), skip=skip)
        if len(rows) == limit:
            return rows
    if merges:
        return await _merge(found, sort, after, limit, skip)
    return await _gather(found, sort, after, limit, skip)


async def _merge(found: List, sort: Sort, after: Key | None, limit: int, skip: int) -> list[Row]:
    """Merge some at a time: of each campaign as many rows are read as are wanted in all."""
    while True:
        some = min(skip, tuning.STEP)
        rows = await merging.merge(
            found.conn, found.asked, sort, found.descending, after, limit=some or limit
        )
        if not some:
            return rows
        if len(rows) < some:
            return []
        after, skip = (rows[-1].key, rows[-1].id), skip - some


async def _gather(found: List, sort: Sort, after: Key | None, limit: int, skip: int) -> list[Row]:
    rows, found.counted = await ways.gather(
        found.conn, found.asked, sort, found.descending, after, limit=limit, skip=skip
    )
    return rows


async def _walk(
    found: List, sort: Sort, after: Key | None, *, limit: int, most: int, skip: int = 0
) -> list[Row]:
    """Walk, longer for a later page; through few campaigns one follows theirs alone."""
    most *= 1 + skip // tuning.STEP
    named = found.asked.selection.campaigns
    few = sort.per_campaign and named is not None and len(named) <= tuning.FEW_CAMPAIGNS
    return await ways.walk(
        found.conn,
        found.asked,
        sort,
        found.descending,
        after,
        limit=limit,
        most=most,
        skip=skip,
        whose=sorted(named or ()) if few else None,
    )
