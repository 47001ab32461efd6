"""Whether the windows of a campaign are ever open, as far as can be seen from its terms. Pure.

What is said to be never open is never open. Not all that never is can be seen: without an end, a
timeframe is judged by where its windows lie in the week, give or take what a clock may be set by.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import gcd
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from campaigns import days
from contracts.validity import Hours, Recurrence, Validity

DAY: Final = 24 * 60 * 60
WEEK: Final = 7 * DAY
SET_BY: Final = 2 * 60 * 60  # no clock is set by more twice a year
EVERY_WEEKDAY: Final = timedelta(days=8)  # so long that all of a week comes, whatever clocks do
CLOCKS_ARE_SET: Final = timedelta(minutes=15)  # on quarters of an hour
QUARTERS: Final = 4 * 26  # of a day, the longest
MOST_WINDOWS: Final = 100  # of 366 days at most
LAST_YEAR: Final = 9_890  # to begin in: so many windows later the calendar ends
INSTANT: Final = timedelta(microseconds=1)
ALL_DAY: Final = Hours(from_minute=0, to_minute=24 * 60)


class Range(NamedTuple):
    """Seconds of a week that begins on Sunday at midnight; the end is exclusive."""

    begin: int
    end: int


class Span(NamedTuple):
    """From an instant to another one, exclusive."""

    begin: datetime
    end: datetime


def open_ranges(validity: Validity) -> list[Range]:
    """Return when in a week the days and hours are open, by the clock."""
    on = validity.weekdays or range(7)
    found: list[Range] = []
    for hours in validity.hours or (ALL_DAY,):
        for day in hours.weekdays or range(7):
            for nights_over, begin, end in _parts(hours):
                midnight = (day + nights_over) % 7 * DAY
                if (day + nights_over) % 7 in on and begin < end:
                    found.append(Range(midnight + begin * 60, midnight + end * 60))
    return found


def windows_meet(again: Recurrence, first: datetime, ranges: Sequence[Range]) -> bool:
    """Tell whether windows of a series may meet ranges: first begins at a local time."""
    begin = (first.isoweekday() % 7) * DAY + first.hour * 3600 + first.minute * 60 + first.second
    begin, lasts = begin - SET_BY, again.lasts_seconds + 2 * SET_BY
    # They begin at all multiples of this, and at no other time of the week.
    period = gcd(again.every_seconds, WEEK)
    return any(
        behind < lasts or behind + each.end - each.begin > period
        for each in ranges
        for behind in [(each.begin - begin) % period]
    )


def spans(validity: Validity, time_zone: str) -> list[Span] | None:
    """Return all that lies between the dates, in windows if there are any.

    None where that has no end, or so many windows that they are not looked at one by one.
    """
    starts_at, ends_at, again = validity.starts_at, validity.ends_at, validity.recurrence
    if starts_at is None or ends_at is None:
        return None
    if again is None:
        return [Span(starts_at, ends_at)]
    found: list[Span] = []
    for n in range(MOST_WINDOWS + 1):
        window = _window(again, starts_at, n, time_zone)
        if window.begin >= ends_at:
            return found
        found.append(Span(window.begin, min(window.end, ends_at)))
    return None


def is_open_within(validity: Validity, span: Span, time_zone: str) -> bool:
    """Tell whether days and hours that are open at all are open at an instant of a span."""
    if span.end - span.begin >= EVERY_WEEKDAY:
        return True
    zone = ZoneInfo(time_zone)
    return any(_is_open(validity, each, zone) for each in _instants(validity, span, zone))


def _parts(hours: Hours) -> Iterator[tuple[int, int, int]]:
    """Yield the minutes of hours: of the day on which they begin, and so many days after it."""
    if hours.from_minute < hours.to_minute:
        yield 0, hours.from_minute, hours.to_minute
    else:
        yield 0, hours.from_minute, 24 * 60
        yield 1, 0, hours.to_minute


def _window(again: Recurrence, starts_at: datetime, n: int, time_zone: str) -> Span:
    """Return the window of a number, where redemption has it."""
    passed, lasts = n * again.every_seconds, again.lasts_seconds
    if again.every_seconds % DAY:
        begin = starts_at + timedelta(seconds=passed)
        return Span(begin, begin + timedelta(seconds=lasts))
    begin = days.later(starts_at, passed, time_zone)
    return Span(begin, days.later(starts_at, passed + lasts, time_zone))


def _instants(validity: Validity, span: Span, zone: tzinfo) -> Iterator[datetime]:
    """Yield every instant of a span at which something may open that was not open before."""
    if span.begin < span.end:
        yield span.begin
    day, last = (each.astimezone(zone).date() for each in span)
    while day <= last:
        for at in _beginnings(validity, day, zone):
            if span.begin < at < span.end:
                yield at
        day += timedelta(days=1)


def _beginnings(validity: Validity, day: date, zone: tzinfo) -> Iterator[datetime]:
    """Yield when hours begin on a day, the first of the day, and when its clock may be set."""
    for minute in {0, *(each.from_minute for each in validity.hours)}:
        local = datetime.combine(day, time()) + timedelta(minutes=minute)
        for fold in (0, 1):
            yield local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    begin, end = (datetime.combine(day + timedelta(days=n), time(), zone) for n in (0, 1))
    if begin.utcoffset() != end.utcoffset():
        for n in range(QUARTERS):
            yield begin.astimezone(UTC) + n * CLOCKS_ARE_SET


def _is_open(validity: Validity, at: datetime, zone: tzinfo) -> bool:
    """Tell by days and hours alone whether it is open, as redemption does."""
    local = at.astimezone(zone)
    today, minute = local.isoweekday() % 7, local.hour * 60 + local.minute
    if validity.weekdays and today not in validity.weekdays:
        return False
    midnight = datetime.combine(local.date(), time(), zone).astimezone(UTC)
    yesterday = (midnight - INSTANT).astimezone(zone).isoweekday() % 7
    return not validity.hours or any(
        begin <= minute < end
        for hours in validity.hours
        for nights_over, begin, end in _parts(hours)
        if not hours.weekdays or (yesterday if nights_over else today) in hours.weekdays
    )
