"""What a period came to, and the one that it is compared with: a row per currency of each."""

from typing import Any, Final

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.query import BEFORE, NOW, ReportQuery, fetch_rows, figures

Rows = list[dict[str, Any]]
_BOTH: Final = """
    SELECT f.bucket AS bucket, f.currency AS currency, {columns} FROM {view} AS f ORDER BY currency
"""


async def fetch(client: AsyncClient, query: ReportQuery, columns: str) -> tuple[Rows, Rows | None]:
    """Return the rows of both; None where nothing is compared."""
    rows = await fetch_rows(client, _BOTH.format(columns=columns, view=figures()), query)
    now = [row for row in rows if row["bucket"] == NOW]
    if query.before is None:
        return now, None
    return now, [row for row in rows if row["bucket"] == BEFORE]
