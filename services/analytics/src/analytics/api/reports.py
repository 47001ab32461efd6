"""`GET /v1/reports/...`: what each deal earned, and what was refused."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from clickhouse_connect.driver.asyncclient import AsyncClient
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from analytics import periods, reports
from analytics.api.errors import ErrorObject, invalid_parameter
from analytics.api.keys import LONGEST_ID, CallerDep
from analytics.questions import Page, Question
from analytics.reports import CampaignEarnings, Failures, PartnerEarnings
from analytics.store import Warehouse

MOMENT = "A date, the beginning of that day in the project's time zone, or an instant (RFC 3339)."
ORDER = "A field of the answer's lines, with - before it to descend."

Line = TypeVar("Line", bound=BaseModel)


class Listing(BaseModel, Generic[Line]):
    """A page of lines, and how many there are in all."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[Line]
    total: int


async def connected(request: Request) -> AsyncClient:
    warehouse: Warehouse = request.app.state.warehouse
    return await warehouse.client()


def asked(
    caller: CallerDep,
    starts: Annotated[str | None, Query(alias="from", description=MOMENT)] = None,
    ends: Annotated[str | None, Query(alias="to", description=f"Exclusive. {MOMENT}")] = None,
    partner_id: Annotated[str | None, Query(max_length=LONGEST_ID)] = None,
    campaign_id: Annotated[str | None, Query(max_length=LONGEST_ID)] = None,
) -> Question:
    """Read the question that the filters ask; without dates it is about all time."""
    zone = caller.time_zone
    starts_at = _moment("from", starts, zone) if starts is not None else periods.EARLIEST
    ends_at = _moment("to", ends, zone) if ends is not None else periods.LATEST
    if ends_at < starts_at:
        raise invalid_parameter("to", "must not be before from")
    return Question(caller.project_id, caller.currency, starts_at, ends_at, partner_id, campaign_id)


Connected = Annotated[AsyncClient, Depends(connected)]
Asked = Annotated[Question, Depends(asked)]
Limit = Annotated[int, Query(ge=1, le=100)]
Number = Annotated[int, Query(ge=1, le=10_000, description="The first page is 1.")]
Order = Annotated[str, Query(max_length=50, description=ORDER)]

router = APIRouter(
    prefix="/v1/reports",
    tags=["reports"],
    responses={code: {"model": ErrorObject} for code in (400, 401, 403, 503, "default")},
)


@router.get("/partners", summary="What each partner earned")
async def partners(
    question: Asked,
    client: Connected,
    limit: Limit = 10,
    page: Number = 1,
    order: Order = "-profit_minor",
) -> Listing[PartnerEarnings]:
    """Rank partners by profit, or by any other field."""
    lines, total = await reports.partners(
        client, question, _page(PartnerEarnings, order, limit, page)
    )
    return Listing(data=lines, total=total)


@router.get("/campaigns", summary="What each campaign earned")
async def campaigns(
    question: Asked,
    client: Connected,
    limit: Limit = 10,
    page: Number = 1,
    order: Order = "-profit_minor",
) -> Listing[CampaignEarnings]:
    """Rank campaigns by profit, or by any other field."""
    lines, total = await reports.campaigns(
        client, question, _page(CampaignEarnings, order, limit, page)
    )
    return Listing(data=lines, total=total)


@router.get("/failures", summary="Why customers were refused")
async def failures(
    question: Asked,
    client: Connected,
    limit: Limit = 10,
    page: Number = 1,
    order: Order = "-count",
) -> Listing[Failures]:
    """Count refusals by reason and partner, with the value of the baskets lost."""
    lines, total = await reports.failures(client, question, _page(Failures, order, limit, page))
    return Listing(data=lines, total=total)


def _moment(name: str, text: str, time_zone: str) -> datetime:
    try:
        return periods.instant(text, time_zone)
    except ValueError as error:
        raise invalid_parameter(name, f"neither a date nor an instant: {error}") from error


def _page(line: type[BaseModel], order: str, limit: int, number: int) -> Page:
    field = order.removeprefix("-")
    if field not in line.model_fields:
        raise invalid_parameter("order", f"one of {', '.join(line.model_fields)}, or - and one")
    return Page(field, order.startswith("-"), limit, number)
