"""The ways in which the rows of a list of codes are found, each with what it costs."""

from collections.abc import Sequence

from campaigns.listing import voucher_store as store
from campaigns.listing.asked import (
    SORTS,
    Asked,
    Row,
    Sort,
    all_meant,
    beyond_key,
    bounds_of,
    columns,
    id_of,
    meant_sql,
)
from campaigns.listing.conditions import Arguments
from campaigns.listing.cursors import Key
from servicekit.postgres.pool import Connection


async def walk(
    conn: Connection,
    asked: Asked,
    sort: Sort,
    descending: bool,
    after: Key | None,
    *,
    limit: int,
    most: int,
    skip: int = 0,
    whose: Sequence[str] | None = None,
) -> list[Row]:
    """Follow the order of the list and pass over what is not meant, through `most` rows at most.

    Costs what it passes over: good where much is meant. `whose` walks these campaigns alone.
    """
    args = Arguments(asked.project_id)
    way = "DESC" if descending else ""
    bounds = bounds_of(asked, sort, descending, after, args)
    passed = args.add(most, "bigint")
    sources = " UNION ALL ".join(
        _sources(asked, sort, way, bounds, args=args, most=passed, whose=whose)
    )
    rows = await conn.fetch(
        f"""
        SELECT id, key, passed FROM (
            SELECT *, row_number() OVER (ORDER BY key {way}, id {way}) AS passed
            FROM ({sources}) AS source ORDER BY key {way}, id {way} LIMIT {passed}
        ) AS candidate
        WHERE {meant_sql(asked, args, sort.table)}
        ORDER BY key {way}, id {way}
        LIMIT {args.add(limit, "bigint")} OFFSET {args.add(skip, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [Row(row["key"], row["id"], row["passed"]) for row in rows]


async def gather(
    conn: Connection,
    asked: Asked,
    sort: Sort,
    descending: bool,
    after: Key | None,
    *,
    limit: int,
    skip: int = 0,
) -> tuple[list[Row], int]:
    """Find all that is meant by whatever index finds the fewest, sort it, and count it.

    Costs what is meant: good where that is little.
    """
    args = Arguments(asked.project_id)
    way = "DESC" if descending else ""
    rows = await conn.fetch(
        f"""
        WITH meant AS MATERIALIZED ({all_meant(asked, sort, args)})
        SELECT id, key, (SELECT count(*) FROM meant) AS total FROM meant
        WHERE {beyond_key(sort, descending, after, args)}
        ORDER BY key {way}, id {way}
        LIMIT {args.add(limit, "bigint")} OFFSET {args.add(skip, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    found = [Row(row["key"], row["id"]) for row in rows]
    if found or (after is None and not skip):
        return found, rows[0]["total"] if rows else 0
    return [], await store.count(conn, asked)


async def walk_in_turn(
    conn: Connection,
    asked: Asked,
    campaigns: Sequence[str],
    descending: bool,
    after: Key | None,
    *,
    limit: int,
    most: int,
    skip: int = 0,
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
        (SELECT {columns("voucher_listing")}, created_at AS key FROM voucher_listing
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
        WHERE {meant_sql(asked, args, "voucher_listing")}
        ORDER BY turn.n, key {way}, candidate.id {way}
        LIMIT {args.add(limit, "bigint")} OFFSET {args.add(skip, "bigint")}
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
    skip: int = 0,
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
        WITH meant AS MATERIALIZED ({all_meant(asked, SORTS["created_at"], args)})
        SELECT meant.id, key, turn.n FROM meant
        JOIN unnest({turns}) WITH ORDINALITY AS turn (id, n) ON turn.id = meant.campaign_id
        WHERE {beyond}
        ORDER BY n, key {way}, meant.id {way}
        LIMIT {args.add(limit, "bigint")} OFFSET {args.add(skip, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [Row((campaigns[row["n"] - 1], row["key"]), row["id"]) for row in rows]


def _sources(
    asked: Asked,
    sort: Sort,
    way: str,
    bounds: str,
    *,
    args: Arguments,
    most: str,
    whose: Sequence[str] | None,
) -> list[str]:
    """Write the parts of indexes that a walk follows: each has the list's order."""
    narrow = asked.is_plain  # whose index says it all
    whole = f"""
        SELECT {columns(sort.table, narrow=narrow)}, {sort.column} AS key FROM {sort.table}
        WHERE project_id = $1 {bounds}
    """  # noqa: S608 - columns of ours; values are arguments
    # Each in order by itself, and told how little is wanted of it: so they are merged, none sorted.
    order = f"ORDER BY {sort.column} {way}, {id_of(sort)} {way} LIMIT {most}"
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
