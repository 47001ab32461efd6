"""Buckets of time: hours, days, weeks and months of a project's time zone. Pure.

A bucket is what the clock on the wall calls one. The day on which clocks change has 23, 24.5 or 25
hours, a day that a country skipped has no bucket, and an hour that is there twice has two.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from analytics.periods import Period, beginning, day_of

Grain = Literal["hour", "day", "week", "month"]
GRAINS: Final[tuple[Grain, ...]] = get_args(Grain)
MOST: Final = 400

HOUR: Final = timedelta(hours=1)
SECOND: Final = timedelta(seconds=1)
DAY: Final = timedelta(days=1)
# The longest period that is shown by each unless it is told otherwise.
USUAL: Final[tuple[tuple[timedelta, Grain], ...]] = (
    (timedelta(days=3, hours=2), "hour"),
    (timedelta(days=92, hours=2), "day"),
    (timedelta(days=732), "week"),
)


class Bucket(NamedTuple):
    """From an instant up to and excluding another, in UTC; partial where its period cuts it."""

    starts_at: datetime
    ends_at: datetime
    partial: bool


def usual(period: Period) -> Grain:
    """Return the grain that suits a period of that length."""
    length = period.ends_at - period.starts_at
    return next((grain for longest, grain in USUAL if length <= longest), "month")


def fitting(period: Period, where: ZoneInfo) -> list[Grain]:
    """Return the grains by which the period is not too many buckets."""
    return [grain for grain in GRAINS if buckets(period, grain, where) is not None]


def buckets(period: Period, grain: Grain, where: ZoneInfo) -> list[Bucket] | None:
    """Part the period; None where that makes more than the most."""
    parts = list(islice(_parts(period, grain, where), MOST + 1))
    return parts if len(parts) <= MOST else None


def _parts(period: Period, grain: Grain, where: ZoneInfo) -> Iterator[Bucket]:
    for begins, ends in pairwise(_boundaries(period.starts_at, grain, where)):
        if max(begins, period.starts_at) >= period.ends_at:
            return
        if ends > period.starts_at:
            starts_at, ends_at = max(begins, period.starts_at), min(ends, period.ends_at)
            yield Bucket(starts_at, ends_at, partial=(starts_at, ends_at) != (begins, ends))


def _boundaries(since: datetime, grain: Grain, where: ZoneInfo) -> Iterator[datetime]:
    """Yield where buckets begin, one after the other, from the one that holds the moment."""
    if grain == "hour":
        yield from _hours(beginning(day_of(since, where), where), where)
        return
    first, following = _CALENDAR[grain]
    day = first(day_of(since, where))
    last = None
    while True:
        boundary = beginning(day, where)
        if last is None or boundary > last:  # a day that was skipped begins with the next
            yield boundary
            last = boundary
        day = following(day)


def _hours(moment: datetime, where: ZoneInfo) -> Iterator[datetime]:
    while True:
        yield moment
        local = moment.astimezone(where)
        into = timedelta(minutes=local.minute, seconds=local.second)
        moment = _until_clocks_change(moment, moment + HOUR - into, where)


def _until_clocks_change(begins: datetime, ends: datetime, where: ZoneInfo) -> datetime:
    """Return the end, or the moment before it at which clocks are changed."""
    offset = begins.astimezone(where).utcoffset()
    if (ends - SECOND).astimezone(where).utcoffset() == offset:
        return ends
    before, after = begins, ends - SECOND
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(where).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _next_month(day: date) -> date:
    return (day + 31 * DAY).replace(day=1)


_CALENDAR: Final[dict[Grain, tuple[Callable[[date], date], Callable[[date], date]]]] = {
    "day": (lambda day: day, lambda day: day + DAY),
    "week": (lambda day: day - day.weekday() * DAY, lambda day: day + 7 * DAY),
    "month": (lambda day: day.replace(day=1), _next_month),
}

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Return the moment as ClickHouse is told it."""
    return (moment - EPOCH) // timedelta(milliseconds=1)
