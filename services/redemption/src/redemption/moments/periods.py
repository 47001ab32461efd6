"""Days, weeks and months as a shop counts them: by the clock of its project's time zone. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from redemption.moments import clocks

Period = Literal["day", "week", "month"]

A_DAY: Final = timedelta(days=1)


@cache  # names are few, and Python itself keeps eight
def _known(time_zone: str) -> tzinfo | None:
    try:
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last for a folder's name
        return None


def is_known(time_zone: str) -> bool:
    """Tell whether days of this zone can be told: a newer writer may know one that we do not."""
    return _known(time_zone) is not None


def clock(time_zone: str) -> tzinfo:
    """Return the clock of a zone; UTC for one that is not known, by which nothing is granted."""
    return _known(time_zone) or UTC


def period_of(at: datetime, per: Period, time_zone: str) -> str:
    """Name the period in which an instant lies: 2026-11-26, 2026-W48 (ISO 8601) or 2026-11."""
    return _period_of(at.replace(microsecond=0), per, time_zone)  # no zone is off by less


@lru_cache(1_000)  # all that comes in a second has one
def _period_of(at: datetime, per: Period, time_zone: str) -> str:
    local = at.astimezone(clock(time_zone))
    match per:
        case "day":
            return f"{local:%Y-%m-%d}"
        case "week":
            year, week, _ = local.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case "month":
            return f"{local:%Y-%m}"


def next_begins(at: datetime, per: Period, time_zone: str) -> datetime:
    """Return when the period after that of an instant begins.

    It begins at a midnight, the second one where a clock is set back over it; or where a clock is
    set forward over that midnight, or over whole days.
    """
    return _next_begins(at.replace(microsecond=0), per, time_zone)


@lru_cache(1_000)  # all who are refused in one second are told the same
def _next_begins(at: datetime, per: Period, time_zone: str) -> datetime:
    zone, now = clock(time_zone), _period_of(at, per, time_zone)
    first = _first_day_after(at.astimezone(zone).date(), per)
    midnight = datetime.combine(first, time.min, zone)
    candidates = {midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    for day in (first - A_DAY, first):
        candidates.update(clocks.set_on(day, zone))
    return min(each for each in candidates if each > at and _period_of(each, per, time_zone) > now)


def _first_day_after(day: date, per: Period) -> date:
    match per:
        case "day":
            return day + A_DAY
        case "week":
            return day + timedelta(days=8 - day.isoweekday())
        case "month":
            return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
