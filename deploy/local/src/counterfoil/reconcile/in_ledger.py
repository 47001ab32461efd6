"""What redemption's Postgres holds: the ledger, which is the truth, and what hangs on it.

Only views that redemption ships for this are read (`reconciliation_*`).
"""

from collections.abc import AsyncGenerator, Collection
from typing import Any

import asyncpg

from counterfoil.reconcile.facts import MODULO, ROLLED_BACK, Fact, Group, Scope, Sums, Totals
from counterfoil.reconcile.rows import Row

AT_A_TIME = 5_000

# As facts.hashed() does it.
HASH = r"""
    ('x' || left(md5(
        id::text || E'\x1f' || campaign_id || E'\x1f' || accepted::int || E'\x1f' || reason
        || E'\x1f' || code || E'\x1f' || customer_id
        || E'\x1f' || order_minor || E'\x1f' || discount_minor || E'\x1f' || currency
    ), 16))::bit(64)::bigint
"""
BACK = f"(reason = '{ROLLED_BACK}')"
DAY = "(at AT TIME ZONE 'UTC')::date"
KEPT = "($3::timestamptz IS NULL OR decided_at >= $3)"
WITHIN = "decided_at < $1 AND ($2::text IS NULL OR project_id = $2)"


async def knows(conn: asyncpg.Connection, project_id: str) -> bool:
    """Tell whether there is such a project: one that is mistyped has no differences."""
    found: bool = await conn.fetchval(
        "SELECT EXISTS (SELECT FROM reconciliation_projects WHERE project_id = $1)", project_id
    )
    return found


async def sums(conn: asyncpg.Connection, scope: Scope) -> dict[Group, Sums]:
    """Let Postgres add up what it holds."""
    rows = await conn.fetch(
        f"""
        SELECT project_id, partner_id, {DAY}, {KEPT},
            count(*) FILTER (WHERE accepted), count(*) FILTER (WHERE {BACK}),
            count(*) FILTER (WHERE NOT accepted AND NOT {BACK}),
            coalesce(sum(order_minor) FILTER (WHERE accepted OR {BACK}), 0),
            coalesce(sum(order_minor) FILTER (WHERE NOT accepted AND NOT {BACK}), 0),
            coalesce(sum(discount_minor) FILTER (WHERE accepted OR {BACK}), 0),
            sum({HASH})
        FROM reconciliation_entries WHERE {WITHIN} GROUP BY 1, 2, 3, 4
        """,  # noqa: S608  # our own constants
        scope.until,
        scope.project_id,
        scope.kept_from,
    )
    return {
        Group(*r[:4]): Sums(Totals(*map(int, r[4:10])), int(r[10]) % MODULO)
        for r in map(tuple, rows)
    }


async def rows(
    conn: asyncpg.Connection, scope: Scope, groups: Collection[Group]
) -> AsyncGenerator[Row, None]:
    """Read the decisions of these groups in the order of their ids."""
    async with conn.transaction(readonly=True):
        cursor = conn.cursor(
            f"""
            SELECT id::text, {KEPT}, project_id, campaign_id, partner_id, accepted, reason,
                code, customer_id, order_minor, discount_minor, NULL::bigint, NULL::integer,
                currency, {DAY}
            FROM reconciliation_entries
            WHERE {WITHIN} AND (project_id, partner_id, {DAY}, {KEPT}) IN (
                SELECT * FROM unnest($4::text[], $5::text[], $6::date[], $7::bool[])
            )
            ORDER BY id
            """,  # noqa: S608  # our own constants
            scope.until,
            scope.project_id,
            scope.kept_from,
            *map(list, zip(*groups, strict=True)),
            prefetch=AT_A_TIME,
        )
        async for row in cursor:
            event_id, kept, *fact = row
            yield Row(event_id, Fact(*fact), kept)


async def counters_off(conn: asyncpg.Connection, scope: Scope) -> list[dict[str, Any]]:
    """Find counters of anything that decisions go by which are not what they are recounted as."""
    rows = await conn.fetch(
        """
        SELECT project_id, campaign_id, kind AS counter, subject, used, recounted
        FROM reconciliation_counters
        WHERE used <> recounted AND ($1::text IS NULL OR project_id = $1)
        """,
        scope.project_id,
    )
    return [dict(r) for r in rows]


async def count(conn: asyncpg.Connection, scope: Scope) -> int:
    """Count the decisions that must arrive."""
    count = await conn.fetchval(
        f"SELECT count(*) FROM reconciliation_entries WHERE {WITHIN}",  # noqa: S608  # constants
        scope.until,
        scope.project_id,
    )
    return int(count)


async def unsent(conn: asyncpg.Connection, scope: Scope) -> int:
    """Count what the relay has yet to publish of that time; of all projects."""
    count = await conn.fetchval(
        "SELECT count(*) FROM reconciliation_outbox WHERE written_at <= $1", scope.until
    )
    return int(count)
