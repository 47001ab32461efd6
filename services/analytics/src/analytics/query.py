"""How a report is asked for: of which project, which period, which part, in which order.

Values reach the server as parameters. What to sort by is a field of the report's rows, checked
where it comes in.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.grains import milliseconds
from analytics.periods import Period

READ_SETTINGS: Final = {"do_not_merge_across_partitions_select_final": 1, "max_execution_time": 30}

_COMMON: Final = """
    project = {project:Nullable(String)},
    partners = {partners:Array(String)},
    campaigns = {campaigns:Array(String)},
    categories = {categories:Array(String)},
    channels = {channels:Array(String)},
    starts_at = {starts_at:DateTime64(3, 'UTC')},
    ends_at = {ends_at:DateTime64(3, 'UTC')}
"""
# What a plain statement over `decisions` or `facts` asks for, as the views do.
NARROWED: Final = """
    project_id = {project:Nullable(String)}
    AND (empty({partners:Array(String)}) OR partner_id IN {partners:Array(String)})
    AND (empty({campaigns:Array(String)}) OR campaign_id IN {campaigns:Array(String)})
    AND (empty({categories:Array(String)}) OR category_id IN {categories:Array(String)})
    AND (empty({channels:Array(String)}) OR channel IN {channels:Array(String)})
    AND (empty({reasons:Array(String)}) OR reason IN {reasons:Array(String)})
    AND (empty({codes:Array(String)}) OR code IN {codes:Array(String)})
    AND occurred_at >= {starts_at:DateTime64(3, 'UTC')}
    AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
"""


def performance(*by: str, of: str = "") -> str:
    """Return the view `performance` with a row for each of these; of `before_`: another period."""
    return (
        f"performance(by = {_list(by)}, named = {{named:Array(String)}}, "
        f"bounds = {{bounds:Array(Int64)}}, {_of(of)})"
    )


def compared(*by: str) -> str:
    """Return rows of a period and of the one before it, read at once.

    `is_now` and `is_before` say which are whose. Half of what a small statement costs is planning.
    """
    of_both = _of("").replace("{starts_at", "{before_starts_at")
    both = (
        f"performance(by = {_list(by)}, named = {{named:Array(String)}}, "
        f"bounds = {{both:Array(Int64)}}, {of_both})"
    )
    whose = "bucket = {now_begins:Int64} AS is_now, bucket = {before_begins:Int64} AS is_before"
    return f"(SELECT *, {whose} FROM {both})"  # noqa: S608  # our own words


def failures(*by: str, of: str = "") -> str:
    """Return the view `failures` with a row for each of these."""
    return (
        f"failures(by = {_list(by)}, reasons = {{reasons:Array(String)}}, "
        f"codes = {{codes:Array(String)}}, {_of(of)})"
    )


class Filters(NamedTuple):
    """What narrows a report; nothing named is everything."""

    partners: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


class ReportQuery(NamedTuple):
    """What a report is about: one project, and a period of it."""

    project_id: str
    period: Period
    filters: Filters = Filters()
    before: Period | None = None  # what the period is compared with

    @property
    def lies_behind(self) -> bool:
        """Whether the other period is right before this one: then both are read at once."""
        before, period = self.before, self.period
        if before is None or before.starts_at >= before.ends_at:
            return False
        gap = period.starts_at - before.ends_at
        return timedelta(0) <= gap <= period.ends_at - before.starts_at - gap

    def parameters(self) -> dict[str, Any]:
        """Return the values for the statements that name them."""
        before = self.before or self.period
        begin, end, now = map(milliseconds, (*before, self.period.starts_at))
        return {
            "both": sorted({begin, end, now}),
            "before_begins": begin,
            "now_begins": now,
            "project": self.project_id,
            "named": [],
            "bounds": [0],
            **{name: list(values) for name, values in self.filters._asdict().items()},
            "starts_at": server_time(self.period.starts_at),
            "ends_at": server_time(self.period.ends_at),
            "before_starts_at": server_time(before.starts_at),
            "before_ends_at": server_time(before.ends_at),
        }


class SortBy(NamedTuple):
    """A field of a report's rows, and the way."""

    field: str
    descending: bool


class Page(NamedTuple):
    """Which part of a report, in which order; ties fall by the report's tie-breaker."""

    sort_by: SortBy
    limit: int
    number: int = 1


async def fetch_rows(
    client: AsyncClient, sql: str, query: ReportQuery, **more: Any
) -> list[dict[str, Any]]:
    """Return all rows of a statement that is about the query."""
    answer = await client.query(
        sql, parameters={**query.parameters(), **more}, settings=READ_SETTINGS
    )
    return list(answer.named_results())


async def fetch_page(
    client: AsyncClient, sql: str, tie_breaker: str, query: ReportQuery, page: Page
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of the rows, and how many there are."""
    direction = "DESC" if page.sort_by.descending else "ASC"
    rows = await fetch_rows(
        client,
        f"SELECT *, count() OVER () AS total FROM ({sql}) "  # noqa: S608  # values are parameters
        f"ORDER BY {{sort_by:Identifier}} {direction} NULLS LAST, {tie_breaker} "
        f"LIMIT {page.limit:d} OFFSET {(page.number - 1) * page.limit:d}",
        query,
        sort_by=page.sort_by.field,
    )
    if rows or page.number == 1:
        return rows, rows[0]["total"] if rows else 0
    first = Page(page.sort_by, limit=1)  # beyond the end nothing tells the total
    return [], (await fetch_page(client, sql, tie_breaker, query, first))[1]


def server_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(" ", "milliseconds").removesuffix("+00:00")


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"  # our own words


def _of(other: str) -> str:
    return _COMMON.replace("{starts_at", f"{{{other}starts_at").replace(
        "{ends_at", f"{{{other}ends_at"
    )
