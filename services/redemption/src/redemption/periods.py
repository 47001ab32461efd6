"""Days, weeks and months as a shop counts them: by the clock of its project's time zone. Pure."""

from datetime import UTC, datetime, tzinfo
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Period = Literal["day", "week", "month"]


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
