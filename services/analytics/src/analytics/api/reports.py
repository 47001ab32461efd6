"""`GET /v1/reports/...`: what each deal earned, and what was refused."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import structlog
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from analytics import periods
from analytics.api.turns import Turns
from analytics.keys import Caller
from analytics.query import Page, ReportQuery, SortBy
from analytics.reports import REPORTS, Report
from analytics.store import ClickHouse
from contracts.text import Trimmed
from servicekit.http.errors import ApiError, invalid_query

SCOPE = "reports"
LONGEST_ID = 100

MOMENT = "A date, the beginning of that day in the project's time zone, or an instant (RFC 3339)."
ORDER = "A field of the answer's rows, with - before it to descend."

Row = TypeVar("Row", bound=BaseModel)


class Listing(BaseModel, Generic[Row]):
    """A page of rows, and how many there are in all."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[Row]
    total: int


class Dependencies(NamedTuple):
    """What the routes work with."""

    clickhouse: ClickHouse
    turns: Turns


Narrow = Annotated[Trimmed | None, Query(max_length=LONGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=100)]
PageNumber = Annotated[int, Query(ge=1, le=10_000, description="The first page is 1.")]
SortOrder = Annotated[str, Query(max_length=50, description=ORDER)]


def router(dependencies: Dependencies) -> APIRouter:
    """Serve every report of the registry."""
    made = APIRouter(prefix="/v1/reports", tags=["reports"])
    report: Report[Any]
    for name, report in REPORTS.items():
        made.add_api_route(
            f"/{name}",
            _endpoint(report, dependencies),
            response_model=Listing[report.row],  # type: ignore[name-defined]  # made at run time
            summary=report.summary,
            operation_id=name,
        )
    return made


def _endpoint(
    report: Report[Any], dependencies: Dependencies
) -> Callable[..., Awaitable[Listing[Any]]]:
    usual_order = ("-" if report.sort_by.descending else "") + report.sort_by.field

    async def endpoint(
        query: Annotated[ReportQuery, Depends(_report_query)],
        limit: Limit = 10,
        page: PageNumber = 1,
        order: SortOrder = usual_order,
    ) -> Listing[Any]:
        wanted = Page(_sort_by(report.row, order), limit, page)
        async with dependencies.turns.taken(query.project_id):
            client = await dependencies.clickhouse.client()
            rows, total = await report.fetch(client, query, wanted)
        return Listing(data=rows, total=total)

    return endpoint


async def _report_query(
    request: Request,
    starts: Annotated[str | None, Query(alias="from", description=MOMENT)] = None,
    ends: Annotated[str | None, Query(alias="to", description=f"Exclusive. {MOMENT}")] = None,
    partner_id: Narrow = None,
    campaign_id: Narrow = None,
) -> ReportQuery:
    caller: Caller = request.state.caller
    structlog.contextvars.bind_contextvars(project_id=caller.project_id)
    starts_at, ends_at = _period(starts, ends, caller.time_zone)
    return ReportQuery(caller.project_id, starts_at, ends_at, partner_id, campaign_id)


def _period(starts: str | None, ends: str | None, time_zone: str) -> tuple[datetime, datetime]:
    """Read the period; without dates it is all time."""
    starts_at = _moment("from", starts, time_zone) if starts is not None else periods.EARLIEST
    ends_at = _moment("to", ends, time_zone) if ends is not None else periods.LATEST
    if ends_at < starts_at:
        raise _invalid("to", "must not be before from")
    return starts_at, ends_at


def _moment(name: str, text: str, time_zone: str) -> datetime:
    try:
        return periods.instant(text, time_zone)
    except ValueError as error:
        raise _invalid(name, f"neither a date nor an instant: {error}") from error


def _sort_by(row: type[BaseModel], order: str) -> SortBy:
    field = order.removeprefix("-")
    if field not in row.model_fields:
        raise _invalid("order", f"one of {', '.join(row.model_fields)}, or - and one")
    return SortBy(field, descending=order.startswith("-"))


def _invalid(name: str, reason: str) -> ApiError:
    return invalid_query(f"{name}: {reason}", f"Query parameter {name}: {reason}")
