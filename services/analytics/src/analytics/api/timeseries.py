"""`GET /v1/reports/timeseries`: how the figures went, bucket by bucket."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.responses import Response

from analytics import grains
from analytics.api.answers import FORMATS, told
from analytics.api.asked import Asked, OfDeals
from analytics.api.dependencies import Dependencies
from analytics.api.parameters import AskedComparison, Comparison, SortOrder, invalid, sort_by
from analytics.api.series import SUBJECT, WHOSE, Before, Timeseries, lines, of_file, slot
from analytics.api.spans import spans
from analytics.api.totals import only
from analytics.grains import Bucket, Grain
from analytics.periods import Period
from analytics.reports import timeseries
from analytics.reports.figures import MEASURES
from analytics.reports.timeseries import Split, SplitBy, Story

GREATEST: Final = "-gross_minor"
USUAL_TOP: Final = 3

AskedGrain = Annotated[
    Grain | None,
    Query(description="Unless given: hour up to 3 days, day to 92, week to 2 years, else month."),
]
Top = Annotated[int, Query(ge=1, le=10, description="So many alone, the others together.")]
Ranking = Annotated[
    SortOrder, Query(description="The measure that ranks the parts, - before it: greatest first.")
]
AskedTotals = Annotated[
    bool, Query(description="Whether to say as well what the period came to, as `totals` does.")
]
AskedMeasures = Annotated[
    list[str] | None,
    Query(max_length=len(MEASURES), description="Which to show, repeated; all unless given."),
]


class Wish(NamedTuple):
    """What a series is asked to tell; `known` are the measures that this caller may see."""

    grain: Grain | None
    shown: Sequence[str]
    known: Sequence[str]
    compared: Comparison
    totals: bool


def router(dependencies: Dependencies) -> APIRouter:
    made = APIRouter(prefix="/v1/reports", tags=["reports"])

    @made.get(
        "/timeseries",
        response_model=Timeseries,
        responses=FORMATS,
        summary="How figures went over time",
        operation_id="timeseries",
    )
    async def get_timeseries(
        *,
        asked: OfDeals,
        compared: AskedComparison,
        grain: AskedGrain = None,
        split_by: SplitBy | None = None,
        top: Top | None = None,
        order: Ranking | None = None,
        measure: AskedMeasures = None,
        totals: AskedTotals = False,
    ) -> Response:
        split = split_of(split_by, top, order, MEASURES, GREATEST)
        wish = Wish(grain, measures(measure, MEASURES), MEASURES, compared, totals)
        return await answer(dependencies, asked, split, wish)

    return made


async def answer(
    dependencies: Dependencies, asked: Asked, split: Split | None, wish: Wish
) -> Response:
    """Answer with what is wished for of what the filters leave."""
    _check(asked, split, wish)
    now = dependencies.now()
    async with dependencies.asking(asked.caller.project_id) as client:
        span = await spans(client, asked, wish.compared, now)
        grain = wish.grain or grains.usual(span.period)
        buckets = _buckets("grain", span.period, grain, span.where)
        earlier: list[Bucket] = []
        if span.before is not None:
            earlier = _buckets("compare_to", span.before, grain, span.where)
        query, counted = span.query(asked), _counted(buckets, now)
        if split is None:
            story = await timeseries.fetch_all(client, query, counted, _counted(earlier, now))
        else:
            story = Story(await timeseries.fetch(client, query, counted, split), None, [])
    slots, slots_before = (
        [slot(bucket, span.where, now) for bucket in each] for each in (buckets, earlier)
    )

    def body() -> str:
        head = Timeseries(
            grain=grain,
            grains=grains.fitting(span.period, span.where),
            time_zone=span.where.key,
            period=span.shown(),
            compared=span.compared(),
            buckets=slots,
            series=[],
            before=None if story.before is None else Before(buckets=slots_before, series=[]),
            totals=only(story.totals, wish.known) if wish.totals else None,
        ).model_dump(mode="json", by_alias=True)
        head["series"] = lines(story.series, wish.shown)
        if story.before is not None:
            head["before"]["series"] = lines(story.before, wish.shown)
        return json.dumps(head, ensure_ascii=False, separators=(",", ":"))

    def rows() -> Iterator[dict[str, Any]]:
        yield from of_file(slots, story.series, is_before=False)
        yield from of_file(slots_before, story.before or (), is_before=True)

    subject = SUBJECT if story.before is None else (WHOSE, *SUBJECT)
    return told(asked.form, body, (*subject, *wish.shown), rows)


def split_of(
    by: SplitBy | None, top: int | None, order: str | None, known: Sequence[str], usual: str
) -> Split | None:
    """Return by what series are parted; refuse what means nothing where they are not."""
    if by is not None:
        return Split(by, top or USUAL_TOP, sort_by(known, usual if order is None else order))
    for name, given in (("top", top), ("order", order)):
        if given is not None:
            raise invalid(name, "means something where split_by is given")
    return None


def _check(asked: Asked, split: Split | None, wish: Wish) -> None:
    """Refuse what does not go together."""
    if split is not None and wish.compared.kind != "none":
        raise invalid("compare", "means something where no split_by is given")
    if wish.totals and split is not None:
        raise invalid("totals", "are of all: they come where no split_by is given")
    if wish.totals and asked.form.csv:
        raise invalid("totals", "are no rows of this file: ask the report totals for one of them")


def _counted(buckets: Sequence[Bucket], now: datetime) -> list[Period]:
    """Return what can be counted of each."""
    periods = (Period(bucket.starts_at, bucket.ends_at) for bucket in buckets)
    return [Period(period.starts_at, period.until(now)) for period in periods]


def measures(asked: Sequence[str] | None, known: Sequence[str]) -> Sequence[str]:
    """Return which measures are shown. Raises ApiError for one that there is not."""
    for each in asked or ():
        if each not in known:
            raise invalid("measure", f"one of {', '.join(known)}")
    return list(dict.fromkeys(asked or known))


def _buckets(name: str, period: Period, grain: Grain, where: ZoneInfo) -> list[Bucket]:
    """Part the period. Raises ApiError that names the parameter where that makes too many."""
    buckets = grains.buckets(period, grain, where)
    if buckets is None:
        fitting = ", ".join(grains.fitting(period, where))
        advice = f"{fitting} fit" if fitting else "name a shorter time"
        raise invalid(name, f"{grain} makes more than {grains.MOST} points: {advice}")
    return buckets
