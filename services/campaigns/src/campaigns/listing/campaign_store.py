"""Statements of campaigns' lists. A project has thousands at most: one statement reads them all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from campaigns import status
from campaigns.listing.conditions import (
    IN_BIN,
    Arguments,
    folded,
    pattern,
    sql,
    wanted_ranks,
)
from campaigns.listing.cursors import Key
from campaigns.listing.fields import METADATA
from campaigns.listing.filters import Condition, Filters
from servicekit.postgres.pool import Connection

# What a sort key is in SQL; text without regard to the case of A–Z.
ORDERS: Final = {
    "created_at": "created_at",
    "updated_at": "changed_at",
    "name": folded("name"),
    "campaign": folded("name"),
    "discount_type": "discount_type",
    "category": folded("category"),
    "partner": folded("partner"),
    "channel": folded("channel"),
    "start_date": "starts_at",
    "expiration_date": "ends_at",
    "redemptions": "redemptions",
    "vouchers_count": "vouchers_count",
}
KINDS: Final = {
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
    "start_date": "timestamptz",
    "expiration_date": "timestamptz",
    "redemptions": "bigint",
    "vouchers_count": "bigint",
    "status": "integer",
}


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key in SQL, its type, and which way it runs. Null is the greatest."""

    sql: str
    kind: str
    descending: bool


def order_by(key: str, descending: bool, args: Arguments, at: datetime) -> Order:
    if key == "status":
        return Order(status.campaign_rank(args.add(at, "timestamptz")), KINDS["status"], descending)
    if key.startswith(METADATA):
        name = args.add(key.removeprefix(METADATA), "text")
        return Order(f'((metadata ->> {name}) COLLATE "C")', "text", descending)
    kind = KINDS.get(key, "text")
    return Order(ORDERS[key] + (' COLLATE "C"' if kind == "text" else ""), kind, descending)


def where(filters: Filters, args: Arguments, at: datetime, *, in_bin: bool = False) -> str:
    """Write which campaigns are meant. Who names neither means no bin, and no code's own."""
    asked = [condition_sql(c, args, at) for c in filters.conditions]
    if filters.search is not None:
        part = args.add(pattern("$contains", filters.search), "text")
        asked.append(f"{folded('name')} LIKE {part}")
    if filters.any_of_them and asked:
        asked = [f"({' OR '.join(asked)})"]
    exact = bool(filters.of("id"))
    if not (in_bin or exact or filters.of("status")):
        asked.append("deleted_at IS NULL")
    if not (exact or filters.of("standalone")):
        asked.append("NOT standalone")
    return " AND ".join(["project_id = $1", *asked])


def condition_sql(condition: Condition, args: Arguments, at: datetime) -> str:
    if condition.field.kind == "status":
        ranks = wanted_ranks([condition], also_in_bin=True)
        if condition.operator in {"$is_not", "$not_in"}:
            ranks -= {IN_BIN}
        return _rank_among(ranks, args, at)
    if condition.operator in {"$active", "$expired"}:
        meant: status.Status = "live" if condition.operator == "$active" else "expired"
        return _rank_among(frozenset({status.RANK[meant]}), args, at)
    return sql(condition, args)


def _rank_among(ranks: frozenset[int], args: Arguments, at: datetime) -> str:
    rank = status.campaign_rank(args.add(at, "timestamptz"))
    return f"{rank} = ANY ({args.add(sorted(ranks), 'integer[]')})"


async def page(
    conn: Connection,
    project_id: str,
    filters: Filters,
    at: datetime,
    *,
    key: str,
    descending: bool,
    after: Key | None,
    limit: int,
    offset: int,
) -> tuple[list[Key], int]:
    """Return the sort keys of a page, which end with the id, and how many there are in all."""
    args = Arguments(project_id)
    order, rows = order_by(key, descending, args, at), where(filters, args, at)
    way = "DESC" if descending else ""
    found = await conn.fetch(
        f"""
        WITH found AS MATERIALIZED (
            SELECT id, {order.sql} AS key FROM listed_campaigns WHERE {rows}
        )
        SELECT key, id, (SELECT count(*) FROM found) AS total FROM found
        WHERE {beyond(order, after, args)}
        ORDER BY key {way}, id {way} LIMIT {args.add(limit, "bigint")}
        OFFSET {args.add(offset, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    if found:
        return [(row["key"], row["id"]) for row in found], found[0]["total"]
    args = Arguments(project_id)
    total = await conn.fetchval(
        f"SELECT count(*) FROM listed_campaigns WHERE {where(filters, args, at)}",  # noqa: S608
        *args.values,
    )
    return [], total


def beyond(order: Order, after: Key | None, args: Arguments) -> str:
    """Write which keys come after this one."""
    if after is None:
        return "true"
    value, row_id = after
    which = "<" if order.descending else ">"
    later = f"id {which} {args.add(row_id, 'text')}"
    if value is None:
        return (
            later + " AND key IS NULL" if not order.descending else f"(key IS NOT NULL OR {later})"
        )
    here = args.add(value, order.kind)
    rest = f"key {which} {here} OR (key = {here} AND {later})"
    return f"({rest})" if order.descending else f"(key IS NULL OR {rest})"


async def counts(
    conn: Connection, project_id: str, filters: Filters, at: datetime
) -> dict[int, int]:
    """Return how many campaigns there are of each rank, whatever the filters say of status."""
    args = Arguments(project_id)
    kept = tuple(c for c in filters.conditions if c.field.kind != "status")
    rank = status.campaign_rank(args.add(at, "timestamptz"))
    of_any = Filters(kept, filters.search, filters.any_of_them)
    asked = where(of_any, args, at, in_bin=True)
    rows = await conn.fetch(
        f"SELECT {rank} AS rank, count(*) FROM listed_campaigns WHERE {asked} GROUP BY 1",  # noqa: S608
        *args.values,
    )
    return {row["rank"]: row["count"] for row in rows}


async def ids(
    conn: Connection, project_id: str, filters: Filters, at: datetime, most: int
) -> list[str]:
    """Return the ids of all campaigns that are meant, the first ones of more than so many."""
    args = Arguments(project_id)
    asked = where(filters, args, at)
    rows = await conn.fetch(
        f"""
        SELECT id FROM listed_campaigns WHERE {asked} ORDER BY id LIMIT {args.add(most, "bigint")}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [row["id"] for row in rows]
