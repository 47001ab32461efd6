"""A list of codes before it is read: what is meant, and how much that is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

import asyncpg

from campaigns.listing import tuning
from campaigns.listing import voucher_store as store
from campaigns.listing.asked import COUNTED, Asked
from campaigns.listing.conditions import wanted_ranks
from campaigns.listing.fields import SHARED_DEAL
from campaigns.listing.filters import Filters, Query
from campaigns.listing.selection import Group, Selection, select
from campaigns.status import RANK, own_ranks
from servicekit.postgres.pool import Connection

T = TypeVar("T")
Ranks = Sequence[tuple[int, bool, Sequence[str]]]  # rank, whether they are meant, campaigns
OUTSIDE_THE_BIN: Final = frozenset(RANK.values()) - {RANK["in_bin"]}
_BY_RANK: Final = {"$active": RANK["live"], "$expired": RANK["expired"]}


@dataclass(slots=True)
class List:
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
        return self.expected <= tuning.FEW


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
    deals = tuple(replace(c, field=SHARED_DEAL) for c in own if c.field.kind == "shared")
    filters = replace(filters, conditions=filters.conditions + deals)
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


async def prepare(conn: Connection, project_id: str, query: Query, at: datetime) -> List:
    asked, ranks, wanted = await selection(conn, project_id, query.filters, at)
    kept = await store.kept_count(conn, asked) if asked.is_plain else None
    expected = await store.estimate(conn, asked) if kept is None else kept
    return List(conn, asked, query.filters, ranks, wanted, at, query.descending, kept, expected)


async def with_ranks(found: List) -> List:
    """Return a list that knows its campaigns' ranks: not every list had to look at them."""
    if found.ranks and found.wanted != OUTSIDE_THE_BIN:
        return found
    ranks = await store.campaigns_by_rank(
        found.conn, found.asked.project_id, found.filters, found.at, statuses=True
    )
    return replace(found, ranks=ranks)


async def part_of(whole: List, ranks: frozenset[int]) -> List | None:
    """Return the part of a list that has these ranks, or None where there is none."""
    chosen = select(whole.ranks, ranks)
    if not chosen.groups:
        return None
    asked = replace(whole.asked, selection=chosen)
    kept = await store.kept_count(whole.conn, asked) if asked.is_plain else None
    expected = await store.estimate(whole.conn, asked) if kept is None else kept
    return replace(whole, asked=asked, kept=kept, expected=expected)


async def total_of(found: List) -> tuple[int, bool]:
    """Return how many are meant, and whether that is an estimate."""
    if found.kept is not None:
        return found.kept, False
    if found.counted is not None:
        return found.counted, False
    if found.expected > tuning.WORTH_COUNTING and not found.asked.names_codes:
        return found.expected, True
    patience = tuning.COUNT_MS if found.expected > COUNTED else tuning.COUNT_FEW_MS
    counted = await within(found.conn, patience, lambda: store.count(found.conn, found.asked))
    if counted is None:  # it took too long: then nothing is known but the guess
        return found.expected, True
    return (counted, False) if counted <= COUNTED else (max(found.expected, counted), True)


async def within(conn: Connection, milliseconds: int, ask: Callable[[], Awaitable[T]]) -> T | None:
    """Ask, and give up after so long: None."""
    try:
        async with conn.transaction():
            await conn.execute(f"SET LOCAL statement_timeout = {milliseconds}")
            answer = await ask()
            await conn.execute(f"SET LOCAL statement_timeout = {tuning.BACKSTOP_MS}")
    except asyncpg.QueryCanceledError:
        return None
    return answer
