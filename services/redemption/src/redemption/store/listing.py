"""Lists of the ledger: a part of one, in the order of its moments, and how long it is.

Called in a transaction of its own, because of what is set for it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Literal, NamedTuple
from uuid import UUID

from redemption.ledger.criteria import Criteria, Position
from redemption.ledger.entries import PastEntry, PastRollback, ShownEntry
from redemption.store.campaigns import partners_of
from redemption.store.ledger import PAST
from redemption.store.ways import (
    Parameters,
    Part,
    Way,
    Weeks,
    by_requests,
    by_trace,
    by_walks,
    conditions,
    way_to,
    weeks_between,
)
from servicekit.postgres.pool import Connection

COUNTED: Final = 10_000  # exactly
BLOCK: Final = 1_000
SortKey = Literal["id", "code", "tracking_id", "customer_id"]
EVERY: Final = Part(limit=COUNTED + 1)

# What merges ordered scans must not be planned as a sort, not even while the ledger is empty.
WALKING: Final = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"


class Total(NamedTuple):
    """How many entries there are; estimated where they are more than are counted."""

    number: int
    estimated: bool


async def positions(conn: Connection, of: Criteria, part: Part) -> list[Position]:
    """Return where the entries of this part of the list stand."""
    match way_to(of):
        case Way.REQUESTS:
            return await _positions(conn, partial(by_requests, of, part), part)
        case Way.WALK:
            await conn.execute(WALKING)
            return await _positions(conn, partial(by_walks, of, part), part)
        case Way.TRACE:
            found: list[Position] = []
            for weeks in await _weeks(conn, of, part):
                rest = part._replace(limit=part.offset + part.limit - len(found), offset=0)
                found += await _positions(conn, partial(by_trace, of, weeks, rest), rest)
                if len(found) == part.offset + part.limit:
                    break
            return found[part.offset :]


async def every(conn: Connection, of: Criteria) -> list[UUID]:
    """Return all of these entries, which are read block by block."""
    found = block = await positions(conn, of, Part(BLOCK))
    while len(block) == BLOCK:
        block = await positions(conn, of, Part(BLOCK, after=block[-1]))
        found = found + block
    return [each.id for each in found]


async def total(conn: Connection, of: Criteria) -> Total:
    """Count the entries, as far as that is exact."""
    number = 0
    match way_to(of):
        case Way.REQUESTS:
            number = await _count(conn, partial(by_requests, of, EVERY))
        case Way.WALK:
            await conn.execute(WALKING)
            number = await _count(conn, partial(by_walks, of, EVERY))
        case Way.TRACE:
            for weeks in await _weeks(conn, of, EVERY):
                number += await _count(conn, partial(by_trace, of, weeks, EVERY))
                if number > COUNTED:
                    break
    if number <= COUNTED:
        return Total(number, estimated=False)
    return Total(max(number, await _estimate(conn, of)), estimated=True)


async def sorted_by(
    conn: Connection, key: SortKey, entries: Sequence[UUID], part: Part
) -> list[UUID]:
    """Return a part of these entries as they are ordered by a column; what has none comes last."""
    direction = "DESC" if part.descending else "ASC"
    rows = await conn.fetch(
        f"""
        SELECT entry.id FROM unnest($1::uuid[]) AS asked (i)
        CROSS JOIN LATERAL (
            SELECT at, id, code, tracking_id, customer_id FROM ledger WHERE id = i OFFSET 0
        ) AS entry
        ORDER BY {key} {direction} NULLS LAST, at {direction}, id {direction}
        LIMIT {part.limit} OFFSET {part.offset}
        """,  # noqa: S608 - our own words, and numbers
        entries,
    )
    return [row["id"] for row in rows]


async def _positions(
    conn: Connection, source: Callable[[Parameters], str], part: Part
) -> list[Position]:
    given = Parameters()
    rows = await conn.fetch(
        f"""
        SELECT at, id FROM ({source(given)}) AS found
        {part.ordered} LIMIT {part.limit} OFFSET {part.offset}
        """,  # noqa: S608 - our own words, and numbers
        *given.values,
    )
    return [Position(row["at"], row["id"]) for row in rows]


async def _count(conn: Connection, source: Callable[[Parameters], str]) -> int:
    given = Parameters()
    number: int = await conn.fetchval(
        f"""
        SELECT count(*) FROM (SELECT FROM ({source(given)}) AS found LIMIT {EVERY.limit}) AS counted
        """,  # noqa: S608 - our own words, and numbers
        *given.values,
    )
    return number


async def _weeks(conn: Connection, of: Criteria, part: Part) -> list[Weeks]:
    """Return the weeks in which entries may be, as they are looked through: ever more at once."""
    await conn.execute("SET LOCAL enable_sort = off")  # or the ends are found by sorting all
    ends = await conn.fetchrow(
        """
        SELECT min(oldest.at) AS first, max(newest.at) AS last FROM unnest($2::text[]) AS r
        CROSS JOIN LATERAL (
            SELECT at FROM ledger WHERE project_id = $1 AND reason = r ORDER BY at LIMIT 1
        ) AS oldest
        CROSS JOIN LATERAL (
            SELECT at FROM ledger WHERE project_id = $1 AND reason = r ORDER BY at DESC LIMIT 1
        ) AS newest
        """,
        of.project_id,
        list(of.reasons),
    )
    if ends is None or ends["first"] is None:
        return []
    return weeks_between(ends["first"], ends["last"], of, part)


async def _estimate(conn: Connection, of: Criteria) -> int:
    """Return about how many entries there are, as the planner believes."""
    given = Parameters()
    where = conditions(of, EVERY, given)
    plan = await conn.fetchval(
        f"EXPLAIN (FORMAT JSON) SELECT FROM ledger AS l WHERE {where}",
        *given.values,
    )
    rows: int = plan[0]["Plan"]["Plan Rows"]
    return rows


async def shown(conn: Connection, project_id: str, ids: Sequence[UUID]) -> list[ShownEntry]:
    """Return entries as lists show them, in the order of the ids."""
    rows = await conn.fetch(
        f"""
        SELECT {PAST}, l.campaign_version, l.claims, l.caller, l.decided_at, l.segment_ids,
            length(r.entries) / 16 AS codes, l.parent_id, l.rollback_reason, given.back
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
        LEFT JOIN LATERAL (
            SELECT array_agg(
                ROW (
                    id, at, -coalesce(order_minor, 0), -discount_minor, is_whole, rollback_reason
                ) ORDER BY at, id
            ) AS back
            FROM ledger WHERE parent_id = l.id
        ) AS given ON true
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
            rollbacks=[PastRollback(*each) for each in row["back"] or ()],
            rollback_of=row["parent_id"],
            rollback_reason=row["rollback_reason"],
            segment_ids=row["segment_ids"] or [],
        )
        for row in rows
    ]


async def merge_traces(conn: Connection) -> int:
    """Sort the newest traces into their index; return how many pages of them there were."""
    pages: int = await conn.fetchval("SELECT merge_traces()")
    return pages
