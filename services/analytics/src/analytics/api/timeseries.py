"""`GET /v1/reports/timeseries`: how the figures went, bucket by bucket."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from analytics import grains
from analytics.api import examples
from analytics.api.answers import FORMATS, told
from analytics.api.asked import Asked, OfDeals
from analytics.api.dependencies import Dependencies
from analytics.api.parameters import SortOrder, invalid, sort_by
from analytics.api.spans import Span, Spans, spans
from analytics.grains import Bucket, Grain
from analytics.reports import timeseries
from analytics.reports.figures import MEASURES
from analytics.reports.timeseries import Series, Split, SplitBy

GREATEST: Final = "-gross_minor"
SUBJECT: Final = ("start", "end", "unfinished", "partial", "id", "name", "others", "currency")

AskedGrain = Annotated[
    Grain | None,
    Query(description="Unless given: hour up to 3 days, day to 92, week to 2 years, else month."),
]
Top = Annotated[int, Query(ge=1, le=10, description="So many alone, the others together.")]
Ranking = Annotated[
    SortOrder, Query(description="The measure that ranks the parts, - before it: greatest first.")
]
AskedMeasures = Annotated[
    list[str] | None,
    Query(max_length=len(MEASURES), description="Which to show, repeated; all unless given."),
]


class Slot(BaseModel):
    """A bucket of time: whether it is not over yet, and whether the period cuts it."""

    start: datetime
    end: datetime
    unfinished: bool
    partial: bool


class Line(BaseModel):
    """One series: of all, of one part, or of all others. `points[i]` is of `buckets[i]`."""

    id: str | None
    name: str | None
    others: bool
    currency: str
    points: list[dict[str, int | float | None]]


class Timeseries(BaseModel, json_schema_extra=examples.shown(examples.TIMESERIES)):
    """The period in buckets, and a series per part and currency."""

    object: Literal["timeseries"] = "timeseries"
    grain: Grain
    grains: list[Grain]
    time_zone: str
    period: Span
    buckets: list[Slot]
    series: list[Line]


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
        grain: AskedGrain = None,
        split_by: SplitBy | None = None,
        top: Top = 3,
        order: Ranking = GREATEST,
        measure: AskedMeasures = None,
    ) -> Response:
        split = None if split_by is None else Split(split_by, top, sort_by(MEASURES, order))
        shown = measures(measure, MEASURES)
        return await answer(dependencies, asked, grain, split, shown)

    return made


async def answer(
    dependencies: Dependencies,
    asked: Asked,
    grain: Grain | None,
    split: Split | None,
    shown: Sequence[str],
) -> Response:
    """Answer with these measures of what the filters leave."""
    now = dependencies.now()
    caller = asked.caller
    async with dependencies.asking(caller.project_id) as client:
        span = await spans(client, asked, None, now)
        grain = grain or grains.usual(span.period)
        buckets = _buckets(span, grain)
        found = await timeseries.fetch(client, span.query(asked), buckets, split, caller.currency)
    slots = [_slot(bucket, span, now) for bucket in buckets]

    def body() -> str:
        head = Timeseries(
            grain=grain,
            grains=grains.fitting(span.period, span.where),
            time_zone=span.where.key,
            period=span.shown(),
            buckets=slots,
            series=[],
        ).model_dump(mode="json", by_alias=True)
        head["series"] = [
            {**_told(series), "points": [{m: p[m] for m in shown} for p in series.points]}
            for series in found
        ]
        return json.dumps(head, ensure_ascii=False, separators=(",", ":"))

    def rows() -> Iterator[dict[str, Any]]:
        for series in found:
            for slot, point in zip(slots, series.points, strict=True):
                yield {**slot.model_dump(), **_told(series), **point}

    return told(asked.form, body, (*SUBJECT, *shown), rows)


def measures(asked: Sequence[str] | None, known: Sequence[str]) -> Sequence[str]:
    """Return which measures are shown. Raises ApiError for one that there is not."""
    for each in asked or ():
        if each not in known:
            raise invalid("measure", f"one of {', '.join(known)}")
    return list(dict.fromkeys(asked or known))


def _buckets(span: Spans, grain: Grain) -> list[Bucket]:
    buckets = grains.buckets(span.period, grain, span.where)
    if buckets is None:
        fitting = ", ".join(grains.fitting(span.period, span.where))
        raise invalid("grain", f"{grain} makes more than {grains.MOST} points: {fitting} fit")
    return buckets


def _slot(bucket: Bucket, span: Spans, now: datetime) -> Slot:
    return Slot(
        start=bucket.starts_at.astimezone(span.where),
        end=bucket.ends_at.astimezone(span.where),
        unfinished=bucket.ends_at > now,
        partial=bucket.partial,
    )


def _told(series: Series) -> dict[str, str | bool | None]:
    subject = series.subject
    return {
        "id": subject.id,
        "name": series.name,
        "others": subject.others,
        "currency": subject.currency,
    }
