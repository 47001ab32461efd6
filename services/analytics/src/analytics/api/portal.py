"""`GET /v1/reports/portal/...`: what a partner's own people see of their own deals.

Visits, redemptions, net sales and commission, and nothing from which margin, profit, customers or
another partner could be told. Whose it is comes from who calls, and from nowhere else.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from analytics.api import timeseries
from analytics.api import totals as sums
from analytics.api.answers import FORMATS, AskedForm, size
from analytics.api.asked import Asked, AskedDates
from analytics.api.attempts import USUAL, Cursor, Limit
from analytics.api.dependencies import Dependencies
from analytics.api.pages import position, read
from analytics.api.parameters import AskedComparison, CurrentCaller, Ids
from analytics.api.series import Timeseries
from analytics.api.timeseries import (
    AskedGrain,
    AskedMeasures,
    AskedTotals,
    Ranking,
    Top,
    Wish,
    measures,
)
from analytics.api.totals import Totals
from analytics.query import Filters
from analytics.reports.attempts import Wanted
from servicekit.http.errors import forbidden

SCOPE: Final = "portal"
SHOWN: Final = ("visits", "redemptions", "net_minor", "commission_minor")


class Sale(BaseModel):
    """An accepted redemption as its partner sees it."""

    id: str
    occurred_at: datetime
    campaign_id: str
    campaign_name: str | None
    code: str
    net_minor: int
    commission_minor: int
    currency: str


class Sales(BaseModel):
    """A page of them; `more_cursor` is null at the end."""

    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
    data: list[Sale]
    has_more: bool
    more_cursor: str | None


def _own(
    caller: CurrentCaller,
    dates: AskedDates,
    form: AskedForm,
    campaign_id: Ids = [],  # noqa: B006  # FastAPI copies it
    channel: Ids = [],  # noqa: B006
) -> Asked:
    """Narrow to the caller's partner; who calls for none sees nothing here."""
    if caller.partner_id is None:
        raise forbidden(SCOPE)
    partners = (caller.partner_id,)
    narrowed = Filters(partners, campaigns=tuple(campaign_id), channels=tuple(channel))
    return Asked(caller, dates, narrowed, form)


Own = Annotated[Asked, Depends(_own)]


def router(dependencies: Dependencies) -> APIRouter:
    made = APIRouter(prefix="/v1/reports/portal", tags=["portal"])

    @made.get(
        "/totals",
        response_model=Totals,
        responses=FORMATS,
        summary="What a period came to",
        operation_id="portal_totals",
    )
    async def get_totals(asked: Own, compared: AskedComparison) -> Response:
        return await sums.answer(dependencies, asked, compared, SHOWN)

    @made.get(
        "/timeseries",
        response_model=Timeseries,
        responses=FORMATS,
        summary="How it went over time",
        operation_id="portal_timeseries",
    )
    async def get_timeseries(
        *,
        asked: Own,
        compared: AskedComparison,
        grain: AskedGrain = None,
        split_by: Literal["campaign", "channel"] | None = None,
        top: Top | None = None,
        order: Ranking | None = None,
        measure: AskedMeasures = None,
        totals: AskedTotals = False,
    ) -> Response:
        split = timeseries.split_of(split_by, top, order, SHOWN, "-redemptions")
        wish = Wish(grain, measures(measure, SHOWN), SHOWN, compared, totals)
        return await timeseries.answer(dependencies, asked, split, wish)

    @made.get(
        "/redemptions",
        response_model=Sales,
        responses=FORMATS,
        summary="What was redeemed, the newest first",
        operation_id="portal_redemptions",
    )
    async def get_redemptions(
        *,
        asked: Own,
        limit: Limit = None,
        cursor: Cursor = None,
    ) -> Response:
        wanted = Wanted(size(asked.form, limit, USUAL), "succeeded", position("cursor", cursor))
        page = await read(dependencies, asked, wanted)
        return page.told(asked.form, Sale, Sales)

    return made
