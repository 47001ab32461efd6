"""How far the platform is, asked of the places where it ends up: of views that services ship."""

import asyncpg
from clickhouse_connect.driver.asyncclient import AsyncClient

from counterfoil.demo.target import Target


async def known_codes(target: Target) -> int:
    """Count the codes that redemption knows with their campaigns: only those can be judged."""
    return await _ask_postgres(
        target,
        "SELECT count(*) FROM known_codes WHERE project_id = $1",
    )


async def known_orders(target: Target) -> int:
    """Count the orders that redemption knows."""
    return await _ask_postgres(target, "SELECT count(*) FROM known_orders WHERE project_id = $1")


async def decided(target: Target) -> int:
    """Count the codes of requests that redemption has decided."""
    return await _ask_postgres(
        target, "SELECT count(*) FROM reconciliation_entries WHERE project_id = $1"
    )


async def _ask_postgres(target: Target, sql: str) -> int:
    conn = await asyncpg.connect(target.redemption_dsn, timeout=10)
    try:
        return int(await conn.fetchval(sql, target.project_id, timeout=10))
    finally:
        await conn.close(timeout=5)


async def stored_campaigns(client: AsyncClient, project_id: str) -> int:
    """Count the campaigns that analytics can name, once it knows the keys of their project."""
    return await _ask_clickhouse(
        client,
        project_id,
        "SELECT count() FROM known_campaigns WHERE project_id = {project:String}",
    )


async def stored_outcomes(client: AsyncClient, project_id: str) -> int:
    """Count the outcomes that analytics has."""
    return await _ask_clickhouse(
        client,
        project_id,
        "SELECT count() FROM reconciliation_entries WHERE project_id = {project:String}",
    )


async def stored_visits(client: AsyncClient, project_id: str) -> int:
    """Count the visits that analytics has."""
    return await _ask_clickhouse(
        client,
        project_id,
        "SELECT count() FROM visit_log WHERE project_id = {project:String}",
    )


async def _ask_clickhouse(client: AsyncClient, project_id: str, sql: str) -> int:
    result = await client.query(sql, parameters={"project": project_id})
    return int(result.result_rows[0][0])
