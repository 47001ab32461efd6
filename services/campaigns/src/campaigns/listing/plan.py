"""Chooses how a page of codes is found, so that it is found soon whatever is asked.

Three ways, each good where the others are not: to walk along the list's order and pass over what is
not meant (much is meant), to merge the beginnings of campaigns (few campaigns are meant, or none at
this end), to gather all that is meant and sort it (little is meant). How much is meant is kept for
campaigns and states, and estimated from statistics for all else. A way that takes too long is given
up for the next.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeVar

import asyncpg

from campaigns.listing import voucher_store as store
from campaigns.listing.conditions import wanted_ranks
from campaigns.listing.cursors import Key
from campaigns.listing.fields import METADATA
from campaigns.listing.filters import Filters, Query
from campaigns.listing.selection import Group, Selection, select
from campaigns.listing.voucher_store import COUNTED, SORTS, Asked, Row, Sort
from campaigns.refusals import InvalidQueryError
from campaigns.status import RANK, Status, own_ranks
from servicekit.postgres.pool import Connection

PROBED: Final = 1_500  # rows that a first short walk passes: they also tell how much is meant
PROBE_COUNTS: Final = 15  # so many found tell it better than statistics do
WALKED: Final = 30_000  # rows that a walk passes before another way is tried
WALKED_BY_VOUCHERS: Final = 10_000  # where each has to be looked up
MANY_PAIRS: Final = 4_000  # of campaigns and states: to look at each takes as long as a walk
STEP: Final = 1_000  # rows at once on the way to a later page
MOST_TURNS: Final = 200  # campaigns of an order that are looked at first
TURNS: Final = 50  # campaigns whose counts are read at once
GATHER_MS: Final = 40
COUNT_MS: Final = 20
BACKSTOP_MS: Final = 5_000
WORTH_COUNTING: Final = 50_000  # more are taken to be more than are counted exactly

T = TypeVar("T")
Ranks = Sequence[tuple[int, bool, Sequence[str]]]  # rank, whether they are meant, campaigns


@dataclass(frozen=True, slots=True)
class Page:
    """The keys of a page's rows, which end with the id; whether there are more; how many in all."""

    keys: Sequence[Key]
    more: bool
    total: int
    total_estimated: bool


@dataclass(slots=True)
class _List:
    """What is listed and how it is read.

    `kept` is how many are meant, where that is kept; `expected` is so many or a guess; `counted` is
    what a way that looks at all of them has found.
    """

    conn: Connection
    asked: Asked
    filters: Filters
    ranks: Ranks
    wanted: frozenset[int]
    at: datetime
    descending: bool
    kept: int | None
    expected: int
    counted: int | None = None

    @property
    def few(self) -> bool:
        return self.expected <= COUNTED


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
    await conn.execute(f"SET LOCAL statement_timeout = {BACKSTOP_MS}")
    try:
        found = await _prepare(conn, project_id, query, at)
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
    await conn.execute(f"SET LOCAL statement_timeout = {BACKSTOP_MS}")
    whole = await _with_ranks(await _prepare(conn, project_id, Query(filters), at))
    answer: dict[Status, tuple[int, bool]] = {}
    for status, ranks in ranks_of.items():
        part = await _part(whole, ranks)
        answer[status] = (0, False) if part is None else await _total(part)
    return answer


async def _with_ranks(found: _List) -> _List:
    """Return a list that knows its campaigns' ranks: not every list had to look at them."""
    if found.ranks and found.wanted != OUTSIDE_THE_BIN:
        return found
    ranks = await store.campaigns_by_rank(
        found.conn, found.asked.project_id, found.filters, found.at, statuses=True
    )
    return replace(found, ranks=ranks)


async def _part(whole: _List, ranks: frozenset[int]) -> _List | None:
    """Return the part of a list that has these ranks, or None where there is none."""
    chosen = select(whole.ranks, ranks)
    if not chosen.groups:
        return None
    asked = replace(whole.asked, selection=chosen)
    kept = await store.kept_count(whole.conn, asked) if asked.is_plain else None
    expected = await store.estimate(whole.conn, asked) if kept is None else kept
    return replace(whole, asked=asked, kept=kept, expected=expected)


async def selection(
    conn: Connection, project_id: str, filters: Filters, at: datetime
) -> tuple[Asked, Ranks, frozenset[int]]:
    """Tell which codes are meant: what is asked of their campaigns is answered here."""
    own = tuple(
        c
        for c in filters.conditions
        if c.field.level == "voucher" and c.field.kind != "status" and c.operator not in _BY_RANK
    )
    asked = Asked(project_id, own, filters.search, Selection(()))
    wanted = wanted_ranks(filters.of("status"), also_in_bin=asked.names_codes)
    for each in filters.of("active"):
        if each.operator in _BY_RANK:
            wanted &= {_BY_RANK[each.operator]}
    ranks: Ranks = ()
    if all(c.field.level == "voucher" for c in filters.conditions) and wanted == OUTSIDE_THE_BIN:
        gone = await store.campaigns_in_bin(conn, project_id)
        everywhere = Group(own_ranks(RANK["live"], wanted), None, frozenset(gone))
        return replace(asked, selection=Selection((everywhere,))), ranks, wanted
    if all(c.field.level == "voucher" for c in filters.conditions) and len(wanted) == len(RANK):
        everything = Group(own_ranks(RANK["live"], wanted), None, frozenset())
        return replace(asked, selection=Selection((everything,))), ranks, wanted
    ranks = await store.campaigns_by_rank(
        conn, project_id, filters, at, statuses=wanted != OUTSIDE_THE_BIN
    )
    return replace(asked, selection=select(ranks, wanted)), ranks, wanted


OUTSIDE_THE_BIN: Final = frozenset(RANK.values()) - {RANK["in_bin"]}
_BY_RANK: Final = {"$active": RANK["live"], "$expired": RANK["expired"]}


async def _prepare(conn: Connection, project_id: str, query: Query, at: datetime) -> _List:
    asked, ranks, wanted = await selection(conn, project_id, query.filters, at)
    kept = await store.kept_count(conn, asked) if asked.is_plain else None
    expected = await store.estimate(conn, asked) if kept is None else kept
    return _List(conn, asked, query.filters, ranks, wanted, at, query.descending, kept, expected)


async def _page(
    found: _List, query: Query, after: Key | None, limit: int, *, counted: bool
) -> Page:
    if not found.asked.selection.groups:
        return Page([], more=False, total=0, total_estimated=False)
    first = after is None and query.offset == 0
    rest = query.offset
    while rest > 0:
        step = await _keys(found, query, after, min(rest, STEP))
        if not step:
            break
        after, rest = step[-1], rest - len(step)
    keys = [] if rest > 0 else await _keys(found, query, after, limit + 1)
    total, estimated = await _total(found) if counted else (0, False)
    if first and len(keys) <= limit:
        total, estimated = len(keys), False
    return Page(keys[:limit], len(keys) > limit, total, estimated)


async def _keys(found: _List, query: Query, after: Key | None, limit: int) -> list[Key]:
    """Return the keys of the next rows; all of them if there are fewer."""
    if query.key in SORTS:
        rows = await _sorted(found, SORTS[query.key], after, limit)
        return [(row.key, row.id) for row in rows]
    if query.key == "status":
        return await _by_status(found, after, limit)
    if query.key.startswith(METADATA):
        return await _by_metadata(found, query.key.removeprefix(METADATA), after, limit)
    return await _by_campaign(found, query.key, after, limit)


async def _sorted(found: _List, sort: Sort, after: Key | None, limit: int) -> list[Row]:
    if found.asked.is_plain:
        return await _plain(found, sort, after, limit)
    if found.asked.names_codes:
        return await _gather(found, sort, after, limit)
    probed = await _walk(found, sort, after, most=PROBED)
    if after is None and len(probed) >= PROBE_COUNTS:
        base = await store.kept_count(found.conn, found.asked)
        found.expected = max(len(probed), base * len(probed) // PROBED)
    if len(probed) >= limit:
        return probed[:limit]
    if found.few or not probed:
        rows = await _within(found.conn, GATHER_MS, lambda: _gather(found, sort, after, limit))
        if rows is not None:
            return rows
    heavy = found.asked.looks_at_vouchers or sort.table == "vouchers"
    most = WALKED_BY_VOUCHERS if heavy else WALKED
    rows = await _walk(found, sort, after, limit=limit, most=max(most, 2 * limit))
    if len(rows) == limit:
        return rows
    return await _gather(found, sort, after, limit)


async def _plain(found: _List, sort: Sort, after: Key | None, limit: int) -> list[Row]:
    """Find what campaigns and states alone decide."""
    if found.few:
        return await _gather(found, sort, after, limit)
    merges = sort.per_campaign and found.asked.selection.campaigns is not None
    if not merges or len(found.asked.selection.pairs) > MANY_PAIRS:
        most = WALKED if sort.table == "voucher_listing" else WALKED_BY_VOUCHERS
        rows = await _walk(found, sort, after, limit=limit, most=max(most, 2 * limit))
        if len(rows) == limit:
            return rows
    if merges:
        return await store.merge(
            found.conn, found.asked, sort, found.descending, after, limit=limit
        )
    return await _gather(found, sort, after, limit)


async def _gather(found: _List, sort: Sort, after: Key | None, limit: int) -> list[Row]:
    rows, found.counted = await store.gather(
        found.conn, found.asked, sort, found.descending, after, limit=limit
    )
    return rows


async def _walk(
    found: _List, sort: Sort, after: Key | None, *, most: int, limit: int | None = None
) -> list[Row]:
    """Walk; through few campaigns one follows theirs alone."""
    named = found.asked.selection.campaigns
    few = sort.per_campaign and named is not None and len(named) <= FEW_CAMPAIGNS
    return await store.walk(
        found.conn,
        found.asked,
        sort,
        found.descending,
        after,
        limit=limit or most,
        most=most,
        whose=sorted(named or ()) if few else None,
    )


FEW_CAMPAIGNS: Final = 8


async def _by_metadata(found: _List, name: str, after: Key | None, limit: int) -> list[Key]:
    """List by a value that no index has: only where so few are meant that they can be sorted."""
    if not found.few or await store.count(found.conn, found.asked) > COUNTED:
        raise InvalidQueryError(
            "order", f"by metadata takes {COUNTED:,} codes at most: narrow it", key="sort_too_broad"
        )
    rows = await _gather(found, store.by_metadata(name), after, limit)
    return [(row.key, row.id) for row in rows]


async def _by_status(found: _List, after: Key | None, limit: int) -> list[Key]:
    """List one status after the other, and within each the older or the newer first."""
    keys: list[Key] = []
    found = await _with_ranks(found)
    for rank in sorted(found.wanted, reverse=found.descending):
        if after is not None and (rank < after[0]) != found.descending and rank != after[0]:
            continue
        inner = after[1:] if after is not None and rank == after[0] else None
        part = await _part(found, frozenset({rank}))
        if part is None:
            continue
        rows = await _sorted(part, SORTS["created_at"], inner, limit - len(keys))
        keys += [(rank, row.key, row.id) for row in rows]
        if len(keys) >= limit:
            break
    return keys


async def _by_campaign(found: _List, key: str, after: Key | None, limit: int) -> list[Key]:
    """List one campaign after the other in the order of what they have, and within each by age."""
    asked = found.asked
    here = None if after is None else (after[0], after[1])

    async def turns(most: int | None) -> list[tuple[Any, str]]:
        ordered = await store.campaigns_in_order(
            found.conn,
            asked.project_id,
            found.at,
            key=key,
            descending=found.descending,
            after=here,
            most=most,
        )
        return [each for each in ordered if asked.selection.states_of(each[1])]

    def keys(rows: Sequence[Row], of: Sequence[tuple[Any, str]]) -> list[Key]:
        values = {campaign_id: value for value, campaign_id in of}
        return [(values[r.key[0]], r.key[0], r.key[1], r.id) for r in rows]

    def inner(of: Sequence[tuple[Any, str]]) -> Key | None:
        return after[2:] if after is not None and of and of[0] == here else None

    if asked.is_plain:
        some = await turns(MOST_TURNS)
        rows = await _in_turn(found, [each[1] for each in some], inner(some), limit)
        if len(rows) >= limit:
            return keys(rows, some)
    every = await turns(None)
    ids = [each[1] for each in every]

    async def gather() -> list[Row]:
        return await store.gather_in_turn(
            found.conn, asked, ids, found.descending, inner(every), limit=limit
        )

    if not asked.is_plain and found.few:
        gathered = await _within(found.conn, GATHER_MS, gather)
        if gathered is not None:
            return keys(gathered, every)
    rows = await _in_turn(found, ids, inner(every), limit)
    if len(rows) < limit and not asked.is_plain:
        rows = await gather()
    return keys(rows, every)


async def _in_turn(found: _List, ids: Sequence[str], inner: Key | None, limit: int) -> list[Row]:
    """Take so many campaigns at once as have the rows that are needed, by the counts kept."""
    rows: list[Row] = []
    passed, chosen = 0, list[str]()
    enough = WALKED if not found.asked.is_plain else 0
    for begin in range(0, len(ids), TURNS):
        some = ids[begin : begin + TURNS]
        counts = await store.kept_counts_of(found.conn, found.asked.project_id, some)
        for campaign in some:
            states = found.asked.selection.states_of(campaign)
            held = sum(counts.get((campaign, state), 0) for state in states)
            if not held and not (inner is not None and campaign == ids[0]):
                continue
            chosen.append(campaign)
            passed += held
            first = found.asked.is_plain and inner is not None and campaign == ids[0]
            if first or passed < max(limit - len(rows), enough):
                continue
            rows += await store.walk_in_turn(
                found.conn,
                found.asked,
                chosen,
                found.descending,
                inner if chosen[0] == ids[0] else None,
                limit=limit - len(rows),
                most=max(limit, enough),
            )
            if len(rows) >= limit or enough:
                return rows
            passed, chosen = 0, []
    if chosen:
        rows += await store.walk_in_turn(
            found.conn,
            found.asked,
            chosen,
            found.descending,
            inner if chosen[0] == ids[0] else None,
            limit=limit - len(rows),
            most=max(limit, enough),
        )
    return rows


async def _total(found: _List) -> tuple[int, bool]:
    """Return how many are meant, and whether that is an estimate."""
    if found.kept is not None:
        return found.kept, False
    if found.counted is not None:
        return found.counted, False
    if found.expected <= WORTH_COUNTING or found.asked.names_codes:
        counted = await _within(found.conn, COUNT_MS, lambda: store.count(found.conn, found.asked))
        if counted is not None and counted <= COUNTED:
            return counted, False
    return max(found.expected, COUNTED + 1), True


async def _within(conn: Connection, milliseconds: int, ask: Callable[[], Awaitable[T]]) -> T | None:
    """Ask, and give up after so long: None."""
    try:
        async with conn.transaction():
            await conn.execute(f"SET LOCAL statement_timeout = {milliseconds}")
            answer = await ask()
            await conn.execute(f"SET LOCAL statement_timeout = {BACKSTOP_MS}")
    except asyncpg.QueryCanceledError:
        return None
    return answer
