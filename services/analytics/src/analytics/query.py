"""How a report is asked for: of which project, which period, which part, in which order.

Values reach the server as parameters. What to sort by is a field of the report's rows, checked
where it comes in.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from clickhouse_connect.driver.asyncclient import AsyncClient

READ_SETTINGS = {"do_not_merge_across_partitions_select_final": 1, "max_execution_time": 30}

# The arguments of the views `performance` and `failures`, besides what a row is about.
ARGUMENTS = """
    project = {project:Nullable(String)},
    partner = {partner:Nullable(String)},
    campaign = {campaign:Nullable(String)},
    starts_at = {starts_at:DateTime64(3, 'UTC')},
    ends_at = {ends_at:DateTime64(3, 'UTC')}
"""


class ReportQuery(NamedTuple):
    """What a report is about: one project, from an instant up to and excluding another."""

    project_id: str
    starts_at: datetime
    ends_at: datetime
    partner_id: str | None = None
    campaign_id: str | None = None


class SortBy(NamedTuple):
    """A field of a report's rows, and the way."""

    field: str
    descending: bool


class Page(NamedTuple):
    """Which part of a report, in which order; ties fall by the report's tie-breaker."""

    sort_by: SortBy
    limit: int
    number: int = 1


async def fetch_page(
    client: AsyncClient, sql: str, tie_breaker: str, query: ReportQuery, page: Page
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the rows, and how many there are."""
    direction = "DESC" if page.sort_by.descending else "ASC"
    answer = await client.query(
        f"SELECT *, count() OVER () AS total FROM ({sql}) "  # noqa: S608  # values are parameters
        f"ORDER BY {{sort_by:Identifier}} {direction} NULLS LAST, {tie_breaker} "
        f"LIMIT {page.limit:d} OFFSET {(page.number - 1) * page.limit:d}",
        parameters={**_parameters(query), "sort_by": page.sort_by.field},
        settings=READ_SETTINGS,
    )
    rows = list(answer.named_results())
    if rows or page.number == 1:
        return rows, rows[0]["total"] if rows else 0
    first = Page(page.sort_by, limit=1)  # beyond the end nothing tells the total
    return [], (await fetch_page(client, sql, tie_breaker, query, first))[1]


def _parameters(query: ReportQuery) -> dict[str, Any]:
    return {
        "project": query.project_id,
        "partner": query.partner_id,
        "campaign": query.campaign_id,
        "starts_at": _instant(query.starts_at),
        "ends_at": _instant(query.ends_at),
    }


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(" ", "milliseconds").removesuffix("+00:00")
