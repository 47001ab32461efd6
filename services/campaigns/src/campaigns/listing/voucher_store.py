"""Statements of codes' lists that tell which and how many are meant; `ways.py` finds their rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from campaigns import status
from campaigns.listing.asked import COUNTED, Asked, all_meant
from campaigns.listing.campaign_store import beyond, condition_sql, order_by
from campaigns.listing.conditions import SHARED_CODE, Arguments
from campaigns.listing.cursors import Key
from campaigns.listing.filters import Filters
from servicekit.postgres.pool import Connection


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


async def count(conn: Connection, asked: Asked) -> int:
    """Count what is meant, to one more than is counted exactly."""
    args = Arguments(asked.project_id)
    found = await conn.fetchval(
        f"""
        SELECT count(*) FROM ({all_meant(asked, None, args)} LIMIT {COUNTED + 1}) AS meant
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return int(found)


async def estimate(conn: Connection, asked: Asked) -> int:
    """Ask the planner how many are meant; it looks at statistics, and at no row."""
    args = Arguments(asked.project_id)
    statement = all_meant(asked, None, args)
    [plan] = await conn.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *args.values)
    return int(plan["Plan"]["Plan Rows"])


async def ids(conn: Connection, asked: Asked, most: int) -> list[str]:
    """Return the ids of all that is meant, the first ones of more than so many."""
    args = Arguments(asked.project_id)
    meant = all_meant(asked, None, args)
    rows = await conn.fetch(
        f"SELECT id FROM ({meant}) AS meant ORDER BY id LIMIT {args.add(most, 'bigint')}",  # noqa: S608
        *args.values,
    )
    return [row["id"] for row in rows]


async def shared(
    conn: Connection, project_id: str, homes: Sequence[tuple[str, str]]
) -> frozenset[str]:
    """Return which of these codes, named with their campaigns, are shared with their partner."""
    rows = await conn.fetch(
        f"""
        SELECT id FROM (
            SELECT $1::text AS project_id, *
            FROM unnest($2::text[], $3::text[]) AS home (id, campaign_id)
        ) AS candidate WHERE {SHARED_CODE}
        """,  # noqa: S608 - columns of ours; values are arguments
        project_id,
        [voucher_id for voucher_id, _ in homes],
        [campaign_id for _, campaign_id in homes],
    )
    return frozenset(row["id"] for row in rows)
