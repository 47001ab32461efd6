"""When a project's figures begin, or a partner's: where "all time" starts."""

from datetime import UTC, datetime
from typing import Final

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.query import ReportQuery, fetch_rows

# Without FINAL: what is there twice is no earlier for that.
_FIRST: Final = """
    SELECT minIf(first_at, found > 0) AS first_fact_at, sum(found) AS facts
    FROM (
        SELECT min(occurred_at) AS first_at, count() AS found FROM redemption_events
        WHERE project_id = {project:String}
            AND (empty({partners:Array(String)}) OR partner_id IN {partners:Array(String)})
        UNION ALL
        SELECT min(occurred_at) AS first_at, count() AS found FROM visits
        WHERE project_id = {project:String}
            AND (empty({partners:Array(String)}) OR partner_id IN {partners:Array(String)})
    )
"""


async def first_fact(client: AsyncClient, query: ReportQuery) -> datetime | None:
    """Return when the first redemption, refusal or visit was; None where there is none yet."""
    (row,) = await fetch_rows(client, _FIRST, query)
    return row["first_fact_at"].astimezone(UTC) if row["facts"] else None
