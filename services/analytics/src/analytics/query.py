"""How a report is asked for: of which project, which period, which part, in which order.

Values reach the server as parameters. What to sort by is a field of the report's rows, checked
where it comes in.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.grains import milliseconds
from analytics.periods import Period

# The numbers of the slots of a query that says none.
NOW: Final = 0
BEFORE: Final = 1

READ_SETTINGS: Final = {"do_not_merge_across_partitions_select_final": 1, "max_execution_time": 30}

_COMMON: Final = """
    bounds = {bounds:Array(Int64)},
    into = {into:Array(Array(UInt16))},
    currency = {currency:String},
    project = {project:Nullable(String)},
    partners = {partners:Array(String)},
    campaigns = {campaigns:Array(String)},
    categories = {categories:Array(String)},
    channels = {channels:Array(String)},
    segments = {segments:Array(String)},
    starts_at = {starts_at:DateTime64(3, 'UTC')},
    ends_at = {ends_at:DateTime64(3, 'UTC')},
    other_starts_at = {other_starts_at:DateTime64(3, 'UTC')},
    other_ends_at = {other_ends_at:DateTime64(3, 'UTC')}
"""
_NAMES: Final = """
    ASOF LEFT JOIN (SELECT * FROM campaign_names WHERE project_id = {project:String}) AS c
        ON c.project_id = f.project_id AND c.campaign_id = f.last.1 AND c.version <= f.last.2
"""
# What the segment of a row of `f` is called now.
SEGMENT_NAME: Final = """(
    SELECT CAST((groupArray(segment_id), groupArray(segment_name)), 'Map(String, String)')
    FROM segment_names WHERE project_id = {project:String}
)[f.segment_id]"""
# What a plain statement over `decisions` or `facts` asks for, as the views do.
NARROWED: Final = """
    project_id = {project:Nullable(String)}
    AND (empty({partners:Array(String)}) OR partner_id IN {partners:Array(String)})
    AND (empty({campaigns:Array(String)}) OR campaign_id IN {campaigns:Array(String)})
    AND (empty({categories:Array(String)}) OR category_id IN {categories:Array(String)})
    AND (empty({channels:Array(String)}) OR channel IN {channels:Array(String)})
    AND (
        empty({segments:Array(String)})
        OR hasAny(if(empty(segment_ids), [''], segment_ids), {segments:Array(String)})
    )
    AND (empty({reasons:Array(String)}) OR reason IN {reasons:Array(String)})
    AND (empty({codes:Array(String)}) OR code IN {codes:Array(String)})
    AND occurred_at >= {starts_at:DateTime64(3, 'UTC')}
    AND occurred_at < {ends_at:DateTime64(3, 'UTC')}
"""


def figures(*by: str) -> str:
    """Return the view `figures` with a row for each bucket, currency and each of these."""
    return f"figures(by = {_list(by)}, named = {{named:Array(String)}}, {_COMMON})"


def named_figures(*by: str) -> str:
    """Return the same as `f`, and beside each row, as `c`, what it was called.

    Joined here and not in a view over the view: that took a fifth more of a statement's time.
    """
    return f"{figures(*by)} AS f {_NAMES}"


def failures(*by: str) -> str:
    """Return the view `failures` with a row for each of these."""
    return (
        f"failures(by = {_list(by)}, reasons = {{reasons:Array(String)}}, "
        f"codes = {{codes:Array(String)}}, {_COMMON})"
    )


class Filters(NamedTuple):
    """What narrows a report; nothing named is everything."""

    partners: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()  # an empty one is of who is in none
    reasons: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


class ReportQuery(NamedTuple):
    """What a report is about: one project, and a period of it."""

    project_id: str
    period: Period
    filters: Filters = Filters()
    before: Period | None = None  # what the period is compared with, read by the same statement
    currency: str = ""  # the project's; where it is not known the server looks it up
    slots: tuple[Period, ...] = ()  # what is told apart; unless said, the period and the other

    def parameters(self) -> dict[str, Any]:
        """Return the values for the statements that name them."""
        other = self.before or Period(self.period.starts_at, self.period.starts_at)
        bounds, into = cut(self.slots or (self.period, other))
        return {
            "bounds": bounds,
            "into": into,
            "currency": self.currency,
            "project": self.project_id,
            "named": [],
            **{name: list(values) for name, values in self.filters._asdict().items()},
            "starts_at": server_time(self.period.starts_at),
            "ends_at": server_time(self.period.ends_at),
            "other_starts_at": server_time(other.starts_at),
            "other_ends_at": server_time(other.ends_at),
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


def cut(slots: Sequence[Period]) -> tuple[list[int], list[list[int]]]:
    """Cut time where a slot begins or ends; return where, and into which slots each part counts."""
    ends = [(milliseconds(slot.starts_at), milliseconds(slot.ends_at)) for slot in slots]
    bounds = sorted({bound for slot in ends for bound in slot})
    places = {bound: place for place, bound in enumerate(bounds)}
    into: list[list[int]] = [[] for _ in bounds]
    for number, (begin, end) in enumerate(ends):
        for place in range(places[begin], places[end]):
            into[place].append(number)
    return bounds, into


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"  # our own words
