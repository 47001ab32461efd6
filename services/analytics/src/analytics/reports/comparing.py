"""What a period came to, and the one that it is compared with: a row per currency of each."""

from typing import Any, Final

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.query import ReportQuery, compared, fetch_rows, performance

Rows = list[dict[str, Any]]
_ONE: Final = "SELECT currency, {columns} FROM {view} ORDER BY currency"
_BOTH: Final = """
    SELECT is_now, currency, {columns} FROM {view} WHERE is_now OR is_before ORDER BY currency
"""


async def fetch(client: AsyncClient, query: ReportQuery, columns: str) -> tuple[Rows, Rows | None]:
    """Return the rows of both; None where nothing is compared."""
    if query.lies_behind:
        sql = _BOTH.format(columns=columns, view=compared())
        rows = await fetch_rows(client, sql, query)
        now = [row for row in rows if row["is_now"]]
        return now, [row for row in rows if not row["is_now"]]
    sql = _ONE.format(columns=columns, view=performance())
    now = await fetch_rows(client, sql, query)
    if query.before is None:
        return now, None
    sql = _ONE.format(columns=columns, view=performance(of="before_"))
    return now, await fetch_rows(client, sql, query)
