"""Statements of codes' lists, each of which says what it costs; `plan.py` chooses among them.

`voucher_listing` has what changes often, as lists are sorted by it; `vouchers` what changes seldom.
A key is what a row is sorted by and its id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from campaigns import status
from campaigns.listing import conditions
from campaigns.listing.campaign_store import beyond, condition_sql, order_by
from campaigns.listing.conditions import SIZES, Arguments, folded, lowered
from campaigns.listing.cursors import Key
from campaigns.listing.filters import SHORTEST_PART, Condition, Filters
from campaigns.listing.selection import Selection
from servicekit.postgres.pool import Connection

COUNTED: Final = 10_000  # exactly; beyond it a total is an estimate, unless it is kept
OWN_STATE: Final = """(CASE WHEN deleted_at IS NOT NULL THEN 1 WHEN NOT active THEN 3
    WHEN redeemed_quantity >= quantity THEN 6 ELSE 7 END)"""
LISTED: Final = (
    "code",
    "created_at",
    "redeemed_quantity",
    "active",
    "id",
)  # what voucher_listing knows


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort key of codes: whose index has it, its column there, its type."""

    table: Literal["voucher_listing", "vouchers"]
    column: str
    kind: str
    per_campaign: bool = True  # an index begins with the campaign, too


SORTS: Final[Mapping[str, Sort]] = {
    "created_at": Sort("voucher_listing", "created_at", "timestamptz"),
    "redemptions": Sort("voucher_listing", "redeemed_quantity", "bigint"),
    "code": Sort("vouchers", folded("code"), "text", per_campaign=False),
    "updated_at": Sort("vouchers", "coalesce(updated_at, created_at)", "timestamptz"),
}


def by_metadata(name: str) -> Sort:
    """Return the order by a value, as text; what has none comes first."""
    literal = "'" + name.replace("'", "''") + "'"  # a key as it is; no statement takes it otherwise
    column = f"coalesce(metadata ->> {literal}, '') COLLATE \"C\""
    return Sort("vouchers", f"({column})", "text", per_campaign=False)


class Row(NamedTuple):
    """What a statement returns of a code: its key."""

    key: Any
    id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of codes means: whose, which, and what their campaigns decide."""

    project_id: str
    conditions: tuple[Condition, ...]  # on codes themselves
    search: str | None
    selection: Selection

    @property
    def is_plain(self) -> bool:
        """Whether campaigns and states alone decide: then how many there are is kept."""
        return not self.conditions and self.search is None

    @property
    def looks_at_vouchers(self) -> bool:
        """Whether a row of `voucher_listing` does not suffice to tell if it is meant."""
        return any(c.field.sql not in LISTED for c in self.conditions)

    @property
    def names_codes(self) -> bool:
        return any(
            c.field.name == "ids" or (c.field.name == "code" and c.operator in {"$is", "$in"})
            for c in self.conditions
        )


async def campaigns_by_rank(
    conn: Connection, project_id: str, filters: Filters, at: datetime, *, statuses: bool
) -> list[tuple[int, bool, list[str]]]:
    """Return every campaign's id, by rank and by whether the filters mean it.

    Without `statuses`, a rank says no more than whether it is in the bin: that is soon told.
    """
    args = Arguments(project_id)
    rank = "CASE WHEN deleted_at IS NOT NULL THEN 1 ELSE 7 END"
    if statuses:
        rank = status.campaign_rank(args.add(at, "timestamptz"))
    mine = [condition_sql(c, args, at) for c in filters.conditions if c.field.level == "campaign"]
    meant = " AND ".join(mine) or "true"
    rows = await conn.fetch(
        f"""
        SELECT {rank} AS rank, coalesce({meant}, false) AS meant, array_agg(id) AS ids
        FROM listed_campaigns WHERE project_id = $1 GROUP BY 1, 2
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [(row["rank"], row["meant"], row["ids"]) for row in rows]


async def campaigns_in_bin(conn: Connection, project_id: str) -> list[str]:
    rows = await conn.fetch(
        "SELECT id FROM campaigns WHERE project_id = $1 AND deleted_at IS NOT NULL", project_id
    )
    return [row["id"] for row in rows]


async def campaigns_in_order(
    conn: Connection,
    project_id: str,
    at: datetime,
    *,
    key: str,
    descending: bool,
    after: Key | None,
    most: int | None,
) -> list[tuple[Any, str]]:
    """Return sort keys and ids of campaigns in order, from this one on; None for all of them."""
    args = Arguments(project_id)
    order = order_by(key, descending, args, at)
    way = "DESC" if descending else ""
    from_here = beyond(order, after, args)
    if after is not None:
        from_here = f"({from_here} OR id = {args.add(after[1], 'text')})"
    rows = await conn.fetch(
        f"""
        SELECT key, id FROM (
            SELECT {order.sql} AS key, id FROM listed_campaigns WHERE project_id = $1
        ) AS campaign WHERE {from_here}
        ORDER BY key {way}, id {way} LIMIT {args.add(most, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [(row["key"], row["id"]) for row in rows]


async def kept_count(conn: Connection, asked: Asked) -> int:
    """Return how many codes there are of these campaigns in these states: exact, and kept."""
    args = Arguments(asked.project_id)
    count = await conn.fetchval(
        f"""
        SELECT sum(count) FROM voucher_counts
        WHERE project_id = $1 AND {asked.selection.sql(args)}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return int(count or 0)


async def kept_counts_of(
    conn: Connection, project_id: str, campaign_ids: Sequence[str]
) -> dict[tuple[str, int], int]:
    """Return how many codes there are of each of these campaigns in each state."""
    rows = await conn.fetch(
        """
        SELECT campaign_id, state, sum(count) AS count FROM voucher_counts
        WHERE project_id = $1 AND campaign_id = ANY ($2) GROUP BY 1, 2
        """,
        project_id,
        list(campaign_ids),
    )
    return {(row["campaign_id"], row["state"]): int(row["count"]) for row in rows}


async def walk(
    conn: Connection,
    asked: Asked,
    sort: Sort,
    descending: bool,
    after: Key | None,
    *,
    limit: int,
    most: int,
    whose: Sequence[str] | None = None,
) -> list[Row]:
    """Follow the order of the list and pass over what is not meant, through `most` rows at most.

    Costs what it passes over: good where much is meant. `whose` walks these campaigns alone.
    """
    args = Arguments(asked.project_id)
    way = "DESC" if descending else ""
    bounds = _bounds(asked, sort, descending, after, args)
    sources = " UNION ALL ".join(_sources(asked, sort, way, bounds, args=args, whose=whose))
    rows = await conn.fetch(
        f"""
        SELECT id, key FROM (
            SELECT * FROM ({sources}) AS source
            ORDER BY key {way}, id {way} LIMIT {args.add(most, "bigint")}
        ) AS candidate
        WHERE {_meant(asked, args, sort.table)}
        ORDER BY key {way}, id {way} LIMIT {args.add(limit, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [Row(row["key"], row["id"]) for row in rows]


async def merge(
    conn: Connection,
    asked: Asked,
    sort: Sort,
    descending: bool,
    after: Key | None,
    *,
    limit: int,
) -> list[Row]:
    """Take the first rows of each campaign and state, and of these the first.

    Costs a look per campaign: good where few are meant, or none at this end of the order.
    A row among the first `limit` is of a campaign whose own first row is among the first `limit`.
    """
    args = Arguments(asked.project_id)
    pairs = asked.selection.pairs
    campaign_ids = args.add([campaign for campaign, _ in pairs], "text[]")
    states = args.add([state for _, state in pairs], "smallint[]")
    way = "DESC" if descending else ""
    state = "state" if sort.table == "voucher_listing" else OWN_STATE
    own = f"""
        SELECT {_id(sort)} AS id, {sort.column} AS key FROM {sort.table}
        WHERE project_id = $1 AND campaign_id = pair.campaign_id AND {state} = pair.state
            {_bounds(asked, sort, descending, after, args)}
        ORDER BY {sort.column} {way}, {_id(sort)} {way}
    """  # noqa: S608 - columns of ours; values are arguments
    most = args.add(limit, "bigint")
    rows = await conn.fetch(
        f"""
        WITH pair AS MATERIALIZED (
            SELECT campaign_id, state, first.* FROM unnest({campaign_ids}, {states})
                AS pair (campaign_id, state)
            CROSS JOIN LATERAL ({own} LIMIT 1) AS first
            ORDER BY key {way}, id {way} LIMIT {most}
        )
        SELECT own.id, own.key FROM pair CROSS JOIN LATERAL ({own} LIMIT {most}) AS own
        ORDER BY key {way}, id {way} LIMIT {most}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [Row(row["key"], row["id"]) for row in rows]


async def gather(
    conn: Connection,
    asked: Asked,
    sort: Sort,
    descending: bool,
    after: Key | None,
    *,
    limit: int,
) -> tuple[list[Row], int]:
    """Find all that is meant by whatever index finds the fewest, sort it, and count it.

    Costs what is meant: good where that is little.
    """
    args = Arguments(asked.project_id)
    way = "DESC" if descending else ""
    rows = await conn.fetch(
        f"""
        WITH meant AS MATERIALIZED ({_all_meant(asked, sort, args)})
        SELECT id, key, (SELECT count(*) FROM meant) AS total FROM meant
        WHERE {_beyond(sort, descending, after, args)}
        ORDER BY key {way}, id {way} LIMIT {args.add(limit, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    found = [Row(row["key"], row["id"]) for row in rows]
    if found or after is None:
        return found, rows[0]["total"] if rows else 0
    return [], await count(conn, asked)


async def walk_in_turn(
    conn: Connection,
    asked: Asked,
    campaigns: Sequence[str],
    descending: bool,
    after: Key | None,
    *,
    limit: int,
    most: int,
) -> list[Row]:
    """Take campaigns one after the other, and of each its codes by age.

    `after` is a key of the first one's. Passes over `most` codes of each at most.
    """
    args = Arguments(asked.project_id)
    way = "DESC" if descending else ""
    turns, names = _turns(asked, campaigns, args)
    passed = args.add(most, "bigint")
    first = ""
    if after is not None:
        key, row_id = args.add(after[0], "timestamptz"), args.add(after[1], "text")
        which = "<" if descending else ">"
        first = f"AND (turn.n > 1 OR (created_at, voucher_id) {which} ({key}, {row_id}))"
    own = " UNION ALL ".join(
        f"""
        (SELECT {_columns("voucher_listing")}, created_at AS key FROM voucher_listing
        WHERE project_id = $1 AND campaign_id = turn.id AND turn.in_{state}
            AND state = {state} {first}
        ORDER BY created_at {way}, voucher_id {way} LIMIT {passed})
        """  # noqa: S608 - columns of ours; values are arguments
        for state in asked.selection.states
    )
    rows = await conn.fetch(
        f"""
        SELECT candidate.id, candidate.key, turn.n FROM (
            SELECT * FROM unnest({turns}) WITH ORDINALITY AS turn ({names}) ORDER BY n OFFSET 0
        ) AS turn
        CROSS JOIN LATERAL (
            SELECT * FROM ({own}) AS own ORDER BY key {way}, id {way} LIMIT {passed}
        ) AS candidate
        WHERE {_meant(asked, args, "voucher_listing")}
        ORDER BY turn.n, key {way}, candidate.id {way} LIMIT {args.add(limit, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [Row((campaigns[row["n"] - 1], row["key"]), row["id"]) for row in rows]


def _turns(asked: Asked, campaigns: Sequence[str], args: Arguments) -> tuple[str, str]:
    """Write campaigns with the states that are meant of each: arrays, and what they are called."""
    states = asked.selection.states
    meant = [asked.selection.states_of(campaign) for campaign in campaigns]
    arrays = [args.add(list(campaigns), "text[]")]
    arrays += [args.add([state in each for each in meant], "boolean[]") for state in states]
    return ", ".join(arrays), ", ".join(["id", *(f"in_{state}" for state in states), "n"])


async def gather_in_turn(
    conn: Connection,
    asked: Asked,
    campaigns: Sequence[str],
    descending: bool,
    after: Key | None,
    *,
    limit: int,
) -> list[Row]:
    """Find all that is meant, and sort it by its campaign's turn, then by age."""
    args = Arguments(asked.project_id)
    way = "DESC" if descending else ""
    turns = args.add(list(campaigns), "text[]")
    beyond = "true"
    if after is not None:
        key, row_id = args.add(after[0], "timestamptz"), args.add(after[1], "text")
        beyond = f"(n > 1 OR (key, meant.id) {'<' if descending else '>'} ({key}, {row_id}))"
    rows = await conn.fetch(
        f"""
        WITH meant AS MATERIALIZED ({_all_meant(asked, SORTS["created_at"], args)})
        SELECT meant.id, key, turn.n FROM meant
        JOIN unnest({turns}) WITH ORDINALITY AS turn (id, n) ON turn.id = meant.campaign_id
        WHERE {beyond}
        ORDER BY n, key {way}, meant.id {way} LIMIT {args.add(limit, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [Row((campaigns[row["n"] - 1], row["key"]), row["id"]) for row in rows]


async def count(conn: Connection, asked: Asked) -> int:
    """Count what is meant, to one more than is counted exactly."""
    args = Arguments(asked.project_id)
    found = await conn.fetchval(
        f"""
        SELECT count(*) FROM ({_all_meant(asked, None, args)} LIMIT {COUNTED + 1}) AS meant
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return int(found)


async def estimate(conn: Connection, asked: Asked) -> int:
    """Ask the planner how many are meant; it looks at statistics, and at no row."""
    args = Arguments(asked.project_id)
    statement = _all_meant(asked, None, args)
    [plan] = await conn.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *args.values)
    return int(plan["Plan"]["Plan Rows"])


async def ids(conn: Connection, asked: Asked, most: int) -> list[str]:
    """Return the ids of all that is meant, the first ones of more than so many."""
    args = Arguments(asked.project_id)
    meant = _all_meant(asked, None, args)
    rows = await conn.fetch(
        f"SELECT id FROM ({meant}) AS meant ORDER BY id LIMIT {args.add(most, 'bigint')}",  # noqa: S608
        *args.values,
    )
    return [row["id"] for row in rows]


def _id(sort: Sort) -> str:
    return "voucher_id" if sort.table == "voucher_listing" else "id"


def _columns(table: str) -> str:
    if table == "voucher_listing":
        return """project_id, voucher_id AS id, campaign_id, code, state, created_at,
        redeemed_quantity, active"""
    return f"""project_id, id, campaign_id, {OWN_STATE} AS state, created_at, redeemed_quantity,
        active, code, metadata, updated_at"""


def _sources(
    asked: Asked,
    sort: Sort,
    way: str,
    bounds: str,
    *,
    args: Arguments,
    whose: Sequence[str] | None,
) -> list[str]:
    """Write the parts of indexes that a walk follows: each has the list's order."""
    whole = f"""
        SELECT {_columns(sort.table)}, {sort.column} AS key FROM {sort.table}
        WHERE project_id = $1 {bounds}
    """  # noqa: S608 - columns of ours; values are arguments
    # Each in order by itself, which OFFSET keeps apart: so they are merged, and none is sorted.
    order = f"ORDER BY {sort.column} {way}, {_id(sort)} {way} OFFSET 0"
    parts = (
        [whole]
        if whose is None
        else [f"{whole} AND campaign_id = {args.add(c, 'text')}" for c in whose]
    )
    if sort.table == "vouchers":
        return [f"({part} {order})" for part in parts]
    return [
        f"({part} AND state = {state} {order})"
        for part in parts
        for state in asked.selection.states
    ]


def _bounds(asked: Asked, sort: Sort, descending: bool, after: Key | None, args: Arguments) -> str:
    """Write where in an index to begin and to end."""
    bounds = []
    if after is not None:
        key, row_id = args.add(after[0], sort.kind), args.add(after[1], "text")
        which = "<" if descending else ">"
        bounds.append(f"({sort.column}, {_id(sort)}) {which} ({key}, {row_id})")
    bounds.extend(
        conditions.sql(each, args)
        for each in asked.conditions
        if each.field.sql == sort.column and each.operator in SIZES
    )
    beginning = _beginning(asked)
    if beginning is not None and sort.column == folded("code"):
        bounds.append(f"{sort.column} LIKE {args.add(beginning, 'text')}")
    return "".join(f" AND {bound}" for bound in bounds)


def _beyond(sort: Sort, descending: bool, after: Key | None, args: Arguments) -> str:
    if after is None:
        return "true"
    which = "<" if descending else ">"
    return f"(key, id) {which} ({args.add(after[0], sort.kind)}, {args.add(after[1], 'text')})"


def _meant(asked: Asked, args: Arguments, table: str) -> str:
    """Write what is meant of the rows of a table, columns by their own names."""
    meant = [asked.selection.sql(args)]
    here = list[str]()
    elsewhere = list[str]()
    for each in asked.conditions:
        known = table == "vouchers" or each.field.sql in LISTED
        (here if known else elsewhere).append(conditions.sql(each, args))
    if asked.search is not None:
        here.append(_searched(asked.search, args))
    meant += here
    if elsewhere:  # of each row that is left, by its key: no plan shall turn that around
        meant.append(
            f"""(SELECT {" AND ".join(elsewhere)} FROM vouchers AS v
            WHERE v.project_id = candidate.project_id AND v.id = candidate.id OFFSET 0)"""  # noqa: S608
        )
    return " AND ".join(meant)


def _all_meant(asked: Asked, sort: Sort | None, args: Arguments) -> str:
    """Write all that is meant with its sort key, in no order, by the table that finds it."""
    by_voucher = asked.search is not None or any(
        c.field.sql not in LISTED or c.field.name in {"ids", "code"} for c in asked.conditions
    )
    table = "vouchers" if by_voucher else "voucher_listing"
    if sort is None:
        key = "NULL"
    elif sort.table == table:
        key = sort.column
    else:
        other = "voucher_id" if sort.table == "voucher_listing" else "id"
        key = f"""(SELECT {sort.column} FROM {sort.table} AS o
            WHERE o.project_id = candidate.project_id AND o.{other} = candidate.id)"""  # noqa: S608
    source = f"(SELECT {_columns(table)} FROM {table} WHERE project_id = $1) AS candidate"  # noqa: S608
    meant = [_meant(asked, args, table)]
    if table == "vouchers":
        meant += [found for each in asked.conditions for found in conditions.by_index(each, args)]
        meant += _by_parts(asked, args)
    return f"""
        SELECT candidate.id, candidate.campaign_id, {key} AS key FROM {source}
        WHERE {" AND ".join(meant)}
    """  # noqa: S608


def _beginning(asked: Asked) -> str | None:
    """Return the pattern of a beginning that every code meant has, if one is asked for."""
    if asked.search is not None and len(asked.search) < SHORTEST_PART:
        return conditions.pattern("$starts_with", asked.search)
    for each in asked.conditions:
        if each.operator == "$starts_with" and each.field.kind == "code" and len(each.values) == 1:
            return conditions.pattern("$starts_with", str(each.values[0]))
    return None


def _searched(search: str, args: Arguments) -> str:
    operator = "$contains" if len(search) >= SHORTEST_PART else "$starts_with"
    pattern = args.add(conditions.pattern(operator, search), "text")
    return f"{folded('code')} LIKE {pattern}"


def _by_parts(asked: Asked, args: Arguments) -> list[str]:
    """Write what an index finds parts of codes by: letters in threes. The parts stand beside."""
    parts = [
        str(each.values[0])
        for each in asked.conditions
        if each.field.kind == "code" and each.operator == "$contains" and len(each.values) == 1
    ]
    if asked.search is not None and len(asked.search) >= SHORTEST_PART:
        parts.append(asked.search)
    return [_threes(asked.project_id, part, args) for part in parts]


def _threes(project_id: str, part: str, args: Arguments) -> str:
    small = lowered(part)
    threes = {project_id + small[n : n + 3] for n in range(len(small) - 2)}
    return f"code_parts(project_id, code) @> {args.add(sorted(threes), 'text[]')}"
