"""`GET /v1/reports/{partners,campaigns,failures,attention}`: reports that are lists."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from analytics import periods
from analytics.api.answers import FORMATS, MOST_OF_A_FILE, Listing, Wish, listed, size
from analytics.api.asked import Asked, OfAttempts, OfDeals
from analytics.api.dependencies import Dependencies
from analytics.api.parameters import AskedComparison, SortOrder, all_time, sort_by, today_ends
from analytics.periods import Period
from analytics.query import Page, ReportQuery
from analytics.reports import attention, earnings, failures
from analytics.reports.listing import Report

Limit = Annotated[
    int | None,
    Query(ge=1, le=MOST_OF_A_FILE, description="10 unless given, 100 at most; as CSV all."),
]
GroupedBy = Annotated[
    list[failures.GroupBy] | None,
    Query(max_length=5, description="What a row is about: `reason` unless given; repeated: each."),
]
SplitBy = Annotated[
    earnings.SplitBy | None,
    Query(description="A row for each segment; who was in two counts in the rows of both."),
]
PageNumber = Annotated[int, Query(ge=1, le=10_000, description="The first page is 1.")]


def router(dependencies: Dependencies) -> APIRouter:
    """Serve the lists."""
    made = APIRouter(prefix="/v1/reports", tags=["reports"])

    def earning(name: str, summary: str, report: Report[Any], by_segment: Report[Any]) -> None:
        usual_order = report.usual_order

        async def endpoint(
            *,
            asked: OfDeals,
            limit: Limit = None,
            page: PageNumber = 1,
            order: SortOrder = usual_order,
            split_by: SplitBy = None,
        ) -> Response:
            query = asked.query(all_time(asked.dates))
            shown = report if split_by is None else by_segment
            wanted = _page(shown, asked, order, limit, page)
            return await _answer(dependencies, shown, query, wanted, asked.form)

        made.add_api_route(
            f"/{name}",
            endpoint,
            # Made at run time.
            response_model=Listing[report.row] | Listing[by_segment.row],  # type: ignore[name-defined]
            responses=FORMATS,
            summary=summary,
            operation_id=name,
        )

    of_partners = (earnings.PARTNERS, earnings.PARTNERS_BY_SEGMENT)
    earning("partners", "What each partner earned", *of_partners)
    of_campaigns = (earnings.CAMPAIGNS, earnings.CAMPAIGNS_BY_SEGMENT)
    earning("campaigns", "What each campaign earned", *of_campaigns)

    @made.get(
        "/segments",
        response_model=Listing[earnings.SegmentEarnings],
        responses=FORMATS,
        summary="What was earned with the customers of each segment",
        operation_id="segments",
    )
    async def get_segments(
        *,
        asked: OfDeals,
        limit: Limit = None,
        page: PageNumber = 1,
        order: SortOrder = earnings.MOST_PROFITABLE,
    ) -> Response:
        report, query = earnings.SEGMENTS, asked.query(all_time(asked.dates))
        wanted = _page(report, asked, order, limit, page)
        return await _answer(dependencies, report, query, wanted, asked.form)

    @made.get(
        "/failures",
        response_model=Listing[failures.Failures],
        responses=FORMATS,
        summary="Why customers were refused, and the value of the baskets lost",
        operation_id="failures",
    )
    async def get_failures(
        *,
        asked: OfAttempts,
        compared: AskedComparison,
        group_by: GroupedBy = None,
        limit: Limit = None,
        page: PageNumber = 1,
        order: SortOrder = failures.MOST_FREQUENT,
    ) -> Response:
        period = all_time(asked.dates)
        before = compared.of(period, named=asked.dates.starts_at is not None)
        query = _until_now(asked, period, before, dependencies.now())
        report = failures.report(group_by or ["reason"], compared=before is not None)
        wanted = _page(report, asked, order, limit, page)
        return await _answer(dependencies, report, query, wanted, asked.form)

    @made.get(
        "/attention",
        response_model=Listing[attention.Attention],
        responses=FORMATS,
        summary="Whose codes are refused far more often than in the period before",
        operation_id="attention",
    )
    async def get_attention(
        *,
        asked: OfDeals,
        by: attention.By = "campaign",
        limit: Limit = None,
        page: PageNumber = 1,
        order: SortOrder = attention.STEEPEST,
    ) -> Response:
        now, where = dependencies.now(), asked.dates.where
        ends_at = asked.dates.ends_at or today_ends(now, where)
        week = periods.beginning(periods.day_of(ends_at, where) - timedelta(days=7), where)
        period = Period(asked.dates.starts_at or min(week, ends_at), ends_at)
        query = _until_now(asked, period, periods.previous(period, where), now)
        report = attention.report(by)
        wanted = _page(report, asked, order, limit, page)
        return await _answer(dependencies, report, query, wanted, asked.form)

    return made


def _page(report: Report[Any], asked: Asked, order: str, limit: int | None, number: int) -> Page:
    return Page(sort_by(report.row.model_fields, order), size(asked.form, limit), number)


async def _answer(
    dependencies: Dependencies, report: Report[Any], query: ReportQuery, page: Page, form: Wish
) -> Response:
    async with dependencies.asking(query.project_id) as client:
        rows, total = await report.fetch(client, query, page)
    return listed(form, report.row, rows, total)


def _until_now(asked: Asked, period: Period, before: Period | None, now: datetime) -> ReportQuery:
    """Ask for a period; one that is not over and is compared meets the same part of the other."""
    if before is None:
        return asked.query(period)
    until = periods.same_part(period, before, now, asked.dates.where)
    return asked.query(Period(period.starts_at, period.until(now)), Period(before.starts_at, until))
