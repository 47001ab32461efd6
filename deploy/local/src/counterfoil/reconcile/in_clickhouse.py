"""What analytics made of the outcomes, in ClickHouse: the view that it ships for this."""

from collections.abc import AsyncGenerator, Collection
from datetime import date
from typing import Any

from clickhouse_connect.driver.asyncclient import AsyncClient

from contracts.money import BASIS
from counterfoil.reconcile.facts import ROLLED_BACK, Fact, Group, Scope, Sums, Totals
from counterfoil.reconcile.rows import Row

MOST_BY_NAME = 30  # groups travel in the address, which the client keeps below 4 kB

# As facts.hashed() does it.
HASH = r"""
    reinterpretAsUInt64(reverse(substring(MD5(concat(
        event_id, '\x1f', campaign_id, '\x1f', toString(accepted), '\x1f', reason,
        '\x1f', code, '\x1f', customer_id,
        '\x1f', toString(order_minor), '\x1f', toString(discount_minor), '\x1f', currency
    )), 1, 8)))
"""
BACK = f"(reason = '{ROLLED_BACK}')"
KEPT = "decided_at >= {kept_from:DateTime64(6, 'UTC')}"
WITHIN = """
    decided_at < {until:DateTime64(6, 'UTC')}
    AND ({project:String} = '' OR project_id = {project:String})
"""


async def sums(client: AsyncClient, scope: Scope) -> dict[Group, Sums]:
    """Let ClickHouse add up what it holds; its sums of 64 bits go round as ours do."""
    result = await client.query(
        f"""
        SELECT project_id, partner_id, toDate(occurred_at) AS day, {KEPT} AS kept,
            countIf(accepted), countIf({BACK}), countIf(NOT accepted AND NOT {BACK}),
            sumIf(toInt128(order_minor), accepted OR {BACK}),
            sumIf(toInt128(order_minor), NOT accepted AND NOT {BACK}),
            sumIf(toInt128(discount_minor), accepted OR {BACK}),
            sumIf(toInt128(commission_minor), accepted OR {BACK}),
            sum({HASH} AS hashed),
            sum(hashed * (toUInt64(commission_minor) * {BASIS + 1} + margin_basis_points))
        FROM reconciliation_entries WHERE {WITHIN}
        GROUP BY project_id, partner_id, day, kept
        """,  # noqa: S608  # our own constants
        parameters=_parameters(scope),
    )
    return {
        Group(r[0], r[1], _day(r[2]), bool(r[3])): Sums(Totals(*map(int, r[4:11])), *r[11:])
        for r in result.result_rows
    }


async def rows(
    client: AsyncClient, scope: Scope, groups: Collection[Group]
) -> AsyncGenerator[Row, None]:
    """Read the decisions of these groups in the order of their ids.

    Of very many groups everything is read, and the others are left out here.
    """
    named = [tuple(group[:3]) for group in groups] if len(groups) <= MOST_BY_NAME else []
    stream = await client.query_row_block_stream(
        f"""
        SELECT event_id, {KEPT}, project_id, campaign_id, partner_id, accepted, reason,
            code, customer_id, order_minor, discount_minor, commission_minor,
            margin_basis_points, currency, toDate(occurred_at)
        FROM reconciliation_entries
        WHERE {WITHIN} AND (
            empty({{named:Array(Tuple(String, String, Date))}})
            OR (project_id, partner_id, toDate(occurred_at))
                IN {{named:Array(Tuple(String, String, Date))}}
        )
        ORDER BY event_id
        """,  # noqa: S608  # our own constants
        parameters=_parameters(scope) | {"named": named},
    )
    async with stream:
        async for block in stream:
            for event_id, kept, *r in block:
                fact = Fact._make([*r[:3], bool(r[3]), *r[4:-1], _day(r[-1])])
                if Group(fact.project_id, fact.partner_id, fact.day, bool(kept)) in groups:
                    yield Row(event_id, fact, bool(kept))


async def count(client: AsyncClient, scope: Scope) -> int:
    """Count the decisions that have arrived."""
    result = await client.query(
        f"SELECT count() FROM reconciliation_entries WHERE {WITHIN}",  # noqa: S608  # constants
        parameters=_parameters(scope),
    )
    return int(result.result_rows[0][0])


def _parameters(scope: Scope) -> dict[str, Any]:
    since = scope.kept_from or scope.until.replace(year=1970)
    return {"until": scope.until, "project": scope.project_id or "", "kept_from": since}


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
