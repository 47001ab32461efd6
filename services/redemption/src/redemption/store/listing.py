"""Lists of the ledger: a part of one, in the order of its moments, and how long it is.

Called in a transaction of its own, because of what is set for it.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from redemption.criteria import Criteria, Position
from redemption.entries import PastEntry, ShownEntry
from redemption.store.campaigns import partners_of
from redemption.store.ledger import PAST
from redemption.store.ways import CODE, Parameters, Part, Way, conditions, source, traced
from servicekit.postgres.pool import Connection

HOT: Final = 10_000  # entries of a code, customer or order, from which on it is walked for
COUNTED: Final = 10_000  # exactly
EVERY: Final = Part(limit=COUNTED + 1)

# What merges ordered scans must not be planned as a sort, not even while the ledger is empty.
WALKING: Final = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"


class Total(NamedTuple):
    """How many entries there are; estimated where they are more than are counted."""

    number: int
    estimated: bool


async def way_to(conn: Connection, of: Criteria) -> Way:
    """Return how these entries are found best; it hangs on how many there are, about."""
    if of.request_keys is not None:
        return Way.REQUESTS
    if traced(of) is None or await _traces_estimate(conn, of) > HOT:
        return Way.WALK
    return Way.TRACE


async def positions(conn: Connection, of: Criteria, way: Way, part: Part) -> list[Position]:
    """Return where the entries of this part of the list stand."""
    given = Parameters()
    if way is Way.WALK:
        await conn.execute(WALKING)
    rows = await conn.fetch(
        f"""
        SELECT at, id FROM ({source(of, way, part, given)}) AS found
        {part.ordered} LIMIT {part.limit} OFFSET {part.offset}
        """,  # noqa: S608 - our own words, and numbers
        *given.values,
    )
    return [Position(row["at"], row["id"]) for row in rows]


async def total(conn: Connection, of: Criteria, way: Way) -> Total:
    """Count the entries, as far as that is exact."""
    if way is Way.WALK and traced(of) is not None:
        # To count what is hot would be to pass over all that is beside it.
        return Total(max(COUNTED + 1, await _traces_estimate(conn, of)), estimated=True)
    given = Parameters()
    if way is Way.WALK:
        await conn.execute(WALKING)
    number: int = await conn.fetchval(
        f"""
        SELECT count(*) FROM (
            SELECT FROM ({source(of, way, EVERY, given)}) AS found LIMIT {EVERY.limit}
        ) AS counted
        """,  # noqa: S608 - our own words, and numbers
        *given.values,
    )
    if number <= COUNTED:
        return Total(number, estimated=False)
    return Total(max(number, await _estimate(conn, of)), estimated=True)


async def _traces_estimate(conn: Connection, of: Criteria) -> int:
    """Return about how many entries have these traces: the planner's statistics know the hot ones.

    By literals, since of parameters it would believe the same, whatever they are.
    """
    kind, subjects = traced(of) or (CODE, ())
    numbers: list[int] = await conn.fetchval(
        "SELECT array_agg(trace($1, $2, subject)) FROM unnest($3::text[]) AS subject",
        of.project_id,
        kind,
        list(subjects),
    )
    literal = ",".join(map(str, numbers))
    return await _planned(
        conn,
        f"""
        SELECT FROM ledger
        WHERE traces(project_id, code, customer_id, order_id) && '{{{literal}}}'::bigint[]
        """,
    )


async def _estimate(conn: Connection, of: Criteria) -> int:
    """Return about how many entries there are, as the planner believes."""
    given = Parameters()
    where = conditions(of, EVERY, given)
    return await _planned(conn, f"SELECT FROM ledger AS l WHERE {where}", *given.values)


async def _planned(conn: Connection, statement: str, *values: Any) -> int:
    plan = await conn.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *values)
    rows: int = plan[0]["Plan"]["Plan Rows"]
    return rows


async def shown(conn: Connection, project_id: str, ids: Sequence[UUID]) -> list[ShownEntry]:
    """Return entries as lists show them, in the order of the ids."""
    rows = await conn.fetch(
        f"""
        SELECT {PAST}, l.campaign_version, l.claims, l.caller, l.decided_at,
            length(r.entries) / 16 AS codes
        FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, place)
        CROSS JOIN LATERAL (
            SELECT * FROM ledger WHERE ledger.id = asked.id AND project_id = $1 OFFSET 0
        ) AS l
        LEFT JOIN LATERAL (
            SELECT voucher_id FROM vouchers WHERE project_id = $1 AND code = l.code OFFSET 0
        ) AS v ON true
        LEFT JOIN LATERAL (
            SELECT entries FROM requests WHERE key = l.request_key OFFSET 0
        ) AS r ON true
        ORDER BY asked.place
        """,  # noqa: S608 - our own columns
        project_id,
        list(ids),
    )
    campaigns = {row["campaign_id"] for row in rows if row["campaign_id"] is not None}
    partners = await partners_of(conn, project_id, campaigns) if campaigns else {}
    return [
        ShownEntry(
            past=PastEntry(**{name: row[name] for name in PastEntry._fields}),
            codes=row["codes"] or 1,
            partner_id=partners.get(row["campaign_id"]),
            campaign_version=row["campaign_version"],
            claims=row["claims"] or [],
            caller=row["caller"],
            decided_at=row["decided_at"],
        )
        for row in rows
    ]


async def merge_traces(conn: Connection) -> int:
    """Sort the newest traces into their index; return how many pages of them there were."""
    pages: int = await conn.fetchval("SELECT merge_traces()")
    return pages
