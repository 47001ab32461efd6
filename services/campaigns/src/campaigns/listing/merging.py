"""Merges the beginnings of campaigns: finds a list of which little is at its own beginning."""

from campaigns.listing.asked import OWN_STATE, Asked, Row, Sort, bounds_of, id_of
from campaigns.listing.conditions import Arguments
from campaigns.listing.cursors import Key
from servicekit.postgres.pool import Connection


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
    A row among the first n is of a campaign whose own first row is among the first n.
    """
    args = Arguments(asked.project_id)
    way = "DESC" if descending else ""
    most = args.add(limit, "bigint")
    state = "state" if sort.table == "voucher_listing" else OWN_STATE
    own = f"""
        SELECT {id_of(sort)} AS id, {sort.column} AS key FROM {sort.table}
        WHERE project_id = $1 AND campaign_id = pair.campaign_id AND {state} = pair.state
            {bounds_of(asked, sort, descending, after, args)}
        ORDER BY {sort.column} {way}, {id_of(sort)} {way}
    """  # noqa: S608 - columns of ours; values are arguments
    held = (
        _by_age(asked, descending, after, args, most=most, own=own)
        if sort.in_both
        else _any(asked, args)
    )
    rows = await conn.fetch(
        f"""
        WITH {held}, first AS MATERIALIZED (
            SELECT campaign_id, state, first.* FROM held AS pair
            CROSS JOIN LATERAL ({own} LIMIT 1) AS first
            ORDER BY key {way}, id {way} LIMIT {most}
        )
        SELECT own.id, own.key FROM first AS pair CROSS JOIN LATERAL ({own} LIMIT {most}) AS own
        ORDER BY key {way}, id {way} LIMIT {most}
        """,  # noqa: S608 - columns of ours; values are arguments
        *args.values,
    )
    return [Row(row["key"], row["id"]) for row in rows]


def _any(asked: Asked, args: Arguments) -> str:
    """Write every campaign that is meant with each of its states."""
    pairs = asked.selection.pairs
    campaign_ids = args.add([campaign for campaign, _ in pairs], "text[]")
    states = args.add([state for _, state in pairs], "smallint[]")
    rows = f"unnest({campaign_ids}, {states}) AS pair (campaign_id, state)"
    return f"held AS (SELECT * FROM {rows})"  # noqa: S608 - columns of ours


def _by_age(
    asked: Asked, descending: bool, after: Key | None, args: Arguments, *, most: str, own: str
) -> str:
    """Write those of them that may have a row among the first, as far as is kept of their ages.

    The first rows of `most` campaigns are `most` rows: whoever can have none before the last of
    these has none on the page. What is kept may lie too far, never too near: so none is missed.
    """
    way = "DESC" if descending else ""
    nearest, farthest = "max(newest)", "min(oldest)"
    last, reaches = "min(key)", ">="
    if not descending:
        nearest, farthest, last, reaches = farthest, nearest, "max(key)", "<="
    there, begins = "sum(count) > 0", nearest
    if after is not None:
        here = args.add(after[0], "timestamptz")
        there += f" AND {here} {reaches} {farthest}"
        begins = f"{'least' if descending else 'greatest'}({nearest}, {here})"
    return f"""
        bounded AS MATERIALIZED (
            SELECT campaign_id, state, {begins} AS begins FROM voucher_counts
            WHERE project_id = $1 AND {asked.selection.sql(args)}
            GROUP BY campaign_id, state HAVING {there}
        ), nearest AS MATERIALIZED (
            SELECT first.key FROM (
                SELECT * FROM bounded ORDER BY begins {way} LIMIT {most}
            ) AS pair CROSS JOIN LATERAL ({own} LIMIT 1) AS first
        ), held AS (
            SELECT * FROM bounded WHERE (SELECT count(*) FROM nearest) < {most}
                OR begins {reaches} (SELECT {last} FROM nearest)
        )
    """  # noqa: S608 - columns of ours; values are arguments
