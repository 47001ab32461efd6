"""From `from` and `to` to instants: dates are days of the project's own time zone. Pure.

Days and weeks are counted on the wall's clock: a day that is 23 hours long is still one.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# The range of ClickHouse's DateTime64.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2299, 12, 31, tzinfo=UTC)

LONGEST: Final = timedelta(days=3653)  # ten years with three leap days
A_YEAR: Final = timedelta(days=364)  # so that weekdays meet


class Period(NamedTuple):
    """From an instant up to and excluding another."""

    starts_at: datetime
    ends_at: datetime

    def until(self, now: datetime) -> datetime:
        """Return where what can be counted of it ends: no later than now."""
        return max(self.starts_at, min(self.ends_at, now))


def instant(text: str, time_zone: str) -> datetime:
    """Read a date as the moment when that day begins there, or an instant as it stands.

    A day that begins at 1 o'clock, because clocks were put forward at midnight, begins then.
    """
    if DATE.fullmatch(text):
        moment = datetime.combine(date.fromisoformat(text), time(), zone(time_zone))
    else:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("an instant needs an offset from UTC, such as Z")
    try:
        return min(max(moment.astimezone(UTC), EARLIEST), LATEST)
    except OverflowError:
        return EARLIEST if moment.year == 1 else LATEST


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"the project's time zone {name} is unknown here") from error


def day_of(moment: datetime, where: ZoneInfo) -> date:
    """Return which day it is there at that moment."""
    return moment.astimezone(where).date()


def beginning(day: date, where: ZoneInfo) -> datetime:
    """Return when that day begins there, in UTC."""
    return datetime.combine(day, time(), where).astimezone(UTC)


def previous(period: Period, where: ZoneInfo) -> Period:
    """Return the period before, as long by the wall's clock."""
    length = _wall(period.ends_at, where) - _wall(period.starts_at, where)
    return Period(_moved(period.starts_at, -length, where), period.starts_at)


def a_year_before(period: Period, where: ZoneInfo) -> Period:
    """Return the period of the same weekdays a year before."""
    return Period(*(_moved(end, -A_YEAR, where) for end in period))


def as_long_from(starts_at: datetime, period: Period, where: ZoneInfo) -> Period:
    """Return a period that begins then and is as long by the wall's clock."""
    length = _wall(period.ends_at, where) - _wall(period.starts_at, where)
    return Period(starts_at, _moved(starts_at, length, where))


def same_part(period: Period, other: Period, now: datetime, where: ZoneInfo) -> datetime:
    """Return up to where the other period is counted, if this one is not over yet."""
    if now >= period.ends_at:
        return other.ends_at
    elapsed = _wall(period.until(now), where) - _wall(period.starts_at, where)
    return max(other.starts_at, min(other.ends_at, _moved(other.starts_at, elapsed, where)))


def _wall(moment: datetime, where: ZoneInfo) -> datetime:
    return moment.astimezone(where).replace(tzinfo=None)


def _moved(moment: datetime, by: timedelta, where: ZoneInfo) -> datetime:
    try:
        moved = (_wall(moment, where) + by).replace(tzinfo=where).astimezone(UTC)
    except OverflowError:
        moved = EARLIEST
    return min(max(moved, EARLIEST), LATEST)
