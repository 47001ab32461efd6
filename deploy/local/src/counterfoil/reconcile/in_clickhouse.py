"""What analytics made of the outcomes, in ClickHouse."""

from datetime import date
from typing import Any
from uuid import UUID

from clickhouse_connect.driver.asyncclient import AsyncClient

from counterfoil.reconcile.facts import Day, Fact, Scope, Totals


async def decisions(client: AsyncClient, scope: Scope) -> dict[UUID, Fact]:
    """Read what analytics made of the outcomes."""
    result = await client.query(
        """
        SELECT event_id, project_id, campaign_id, partner_id, result = 'succeeded', reason,
            order_minor, discount_minor, commission_minor, currency, toDate(occurred_at)
        FROM redemption_events FINAL
        WHERE decided_at < {until:DateTime64(6, 'UTC')}
            AND ({project:String} = '' OR project_id = {project:String})
        """,
        parameters=_parameters(scope),
    )
    return {UUID(r[0]): Fact(r[1], r[2], r[3], bool(r[4]), *r[5:]) for r in result.result_rows}


async def totals(client: AsyncClient, scope: Scope) -> dict[Day, Totals]:
    """Let ClickHouse add up what it holds."""
    result = await client.query(
        """
        SELECT project_id, partner_id, toDate(occurred_at) AS day,
            countIf(result = 'succeeded'), countIf(result != 'succeeded'),
            sumIf(order_minor, result = 'succeeded'), sumIf(order_minor, result != 'succeeded'),
            sum(discount_minor), sum(commission_minor)
        FROM redemption_events FINAL
        WHERE decided_at < {until:DateTime64(6, 'UTC')}
            AND ({project:String} = '' OR project_id = {project:String})
        GROUP BY project_id, partner_id, day
        """,
        parameters=_parameters(scope),
    )
    return {Day(r[0], r[1], _day(r[2])): Totals(*map(int, r[3:])) for r in result.result_rows}


async def count(client: AsyncClient, scope: Scope) -> int:
    """Count the decisions that have arrived."""
    result = await client.query(
        """
        SELECT count() FROM redemption_events FINAL
        WHERE decided_at < {until:DateTime64(6, 'UTC')}
            AND ({project:String} = '' OR project_id = {project:String})
        """,
        parameters=_parameters(scope),
    )
    return int(result.result_rows[0][0])


def _parameters(scope: Scope) -> dict[str, Any]:
    return {"until": scope.until, "project": scope.project_id or ""}


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
