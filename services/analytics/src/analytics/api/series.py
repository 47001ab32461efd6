"""How a time series is told: its buckets, a line per part and currency, the sums."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from analytics.api import examples
from analytics.api.spans import Span
from analytics.grains import Bucket, Grain
from analytics.reports.timeseries import Series
from analytics.reports.totals import Total

WHOSE: Final = "before"  # whether a line of a file is of the other period
SUBJECT: Final = ("start", "end", "unfinished", "partial", "id", "name", "others", "currency")


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


class Before(BaseModel):
    """The same of the other period, all of it: as many buckets as it has."""

    buckets: list[Slot]
    series: list[Line]


class Timeseries(BaseModel, json_schema_extra=examples.shown(examples.TIMESERIES)):
    """The period in buckets, and a series per part and currency.

    `compared` and `before` are null where nothing is compared, `totals` where nobody asks.
    """

    object: Literal["timeseries"] = "timeseries"
    grain: Grain
    grains: list[Grain]
    time_zone: str
    period: Span
    compared: Span | None
    buckets: list[Slot]
    series: list[Line]
    before: Before | None
    totals: list[Total] | None


def slot(bucket: Bucket, where: ZoneInfo, now: datetime) -> Slot:
    return Slot(
        start=bucket.starts_at.astimezone(where),
        end=bucket.ends_at.astimezone(where),
        unfinished=bucket.ends_at > now,
        partial=bucket.partial,
    )


def lines(found: Sequence[Series], shown: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            **_told(series),
            "points": [{each: point[each] for each in shown} for point in series.points],
        }
        for series in found
    ]


def of_file(
    slots: Sequence[Slot], found: Sequence[Series], *, is_before: bool
) -> Iterator[dict[str, Any]]:
    for series in found:
        for each, point in zip(slots, series.points, strict=True):
            yield {**point, WHOSE: is_before, **each.model_dump(), **_told(series)}


def _told(series: Series) -> dict[str, str | bool | None]:
    subject = series.subject
    return {
        "id": subject.id,
        "name": series.name,
        "others": subject.others,
        "currency": subject.currency,
    }
