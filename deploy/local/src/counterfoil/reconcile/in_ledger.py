"""What redemption's Postgres holds: the ledger, which is the truth, and what hangs on it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from counterfoil.reconcile.facts import Day, Fact, Scope, Totals


async def knows(conn: asyncpg.Connection, project_id: str) -> bool:
    """Tell whether there is such a project: one that is mistyped has no differences."""
    found: bool = await conn.fetchval(
        "SELECT EXISTS (SELECT FROM projects WHERE project_id = $1)", project_id
    )
    return found


async def decisions(conn: asyncpg.Connection, scope: Scope) -> dict[UUID, tuple[Fact, datetime]]:
    """Read the source of truth; partners come from redemption's copy of the campaigns."""
    rows = await conn.fetch(
        """
        SELECT l.id, l.project_id, coalesce(l.campaign_id, ''), coalesce(c.partner_id, ''),
            l.accepted, coalesce(l.reason, ''), l.order_minor, l.discount_minor,
            coalesce(l.currency, ''), (l.at AT TIME ZONE 'UTC')::date, l.decided_at
        FROM ledger l LEFT JOIN campaigns c USING (project_id, campaign_id)
        WHERE l.decided_at < $1 AND ($2::text IS NULL OR l.project_id = $2)
        """,
        scope.until,
        scope.project_id,
    )
    return {
        r[0]: (Fact(r[1], r[2], r[3], r[4], r[5], r[6], r[7], None, r[8], r[9]), r[10])
        for r in rows
    }


async def totals(conn: asyncpg.Connection, scope: Scope) -> dict[Day, Totals]:
    """Let Postgres add up what it holds."""
    rows = await conn.fetch(
        """
        SELECT l.project_id, coalesce(c.partner_id, ''), (l.at AT TIME ZONE 'UTC')::date,
            count(*) FILTER (WHERE accepted), count(*) FILTER (WHERE NOT accepted),
            coalesce(sum(order_minor) FILTER (WHERE accepted), 0)::bigint,
            coalesce(sum(order_minor) FILTER (WHERE NOT accepted), 0)::bigint,
            sum(discount_minor)::bigint
        FROM ledger l LEFT JOIN campaigns c USING (project_id, campaign_id)
        WHERE l.decided_at < $1 AND ($2::text IS NULL OR l.project_id = $2)
        GROUP BY 1, 2, 3
        """,
        scope.until,
        scope.project_id,
    )
    return {Day(*tuple(r)[:3]): Totals(*tuple(r)[3:]) for r in rows}


async def counters_off(conn: asyncpg.Connection, scope: Scope) -> list[dict[str, Any]]:
    """Find campaigns whose counter is not the number of their accepted redemptions."""
    rows = await conn.fetch(
        """
        SELECT c.project_id, c.campaign_id, c.used, count(l.id) AS accepted
        FROM counters c LEFT JOIN ledger l
            ON l.project_id = c.project_id AND l.campaign_id = c.campaign_id AND l.accepted
        WHERE $1::text IS NULL OR c.project_id = $1
        GROUP BY 1, 2, 3 HAVING c.used <> count(l.id)
        """,
        scope.project_id,
    )
    return [dict(r) for r in rows]


async def count(conn: asyncpg.Connection, scope: Scope) -> int:
    """Count the decisions that must arrive."""
    count = await conn.fetchval(
        """
        SELECT count(*) FROM ledger
        WHERE decided_at < $1 AND ($2::text IS NULL OR project_id = $2)
        """,
        scope.until,
        scope.project_id,
    )
    return int(count)


async def unsent(conn: asyncpg.Connection, scope: Scope) -> int:
    """Count what the relay has yet to publish of that time; of all projects."""
    count = await conn.fetchval("SELECT count(*) FROM outbox WHERE at <= $1", scope.until)
    return int(count)
