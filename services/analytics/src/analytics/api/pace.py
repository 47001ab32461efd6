"""`GET /v1/reports/pace`: how fast campaigns are used up."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from analytics.api.answers import FORMATS, AskedForm, Listing, listed
from analytics.api.dependencies import Dependencies
from analytics.api.parameters import REPEATED, CurrentCaller, Id
from analytics.periods import EARLIEST, Period
from analytics.query import Filters, ReportQuery
from analytics.reports import pace
from analytics.reports.pace import Pace


def router(dependencies: Dependencies) -> APIRouter:
    made = APIRouter(prefix="/v1/reports", tags=["reports"])

    @made.get(
        "/pace",
        response_model=Listing[Pace],
        responses=FORMATS,
        summary="How fast campaigns are used up",
        operation_id="pace",
    )
    async def get_pace(
        caller: CurrentCaller,
        asked: AskedForm,
        campaign_id: Annotated[list[Id], Query(max_length=100, description=REPEATED)],
    ) -> Response:
        now = dependencies.now()
        narrowed = Filters(campaigns=tuple(campaign_id))
        query = ReportQuery(caller.project_id, Period(EARLIEST, now), narrowed)
        async with dependencies.asking(caller.project_id) as client:
            rows = await pace.fetch(client, query, campaign_id, now)
        return listed(asked, Pace, rows, len(rows))

    return made
