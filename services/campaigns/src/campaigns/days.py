"""Whole days by the clock of a project's time zone, as instants. Pure.

A day begins with its first moment: where clocks are put forward at midnight, that is one o'clock.
A day that a zone skipped is none: it begins and ends with the next one's beginning.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_OF_DAY: Final = 24 * 60 * 60


def beginning(day: date, time_zone: str) -> datetime:
    """Return when that day begins there; no instant is before 1970."""
    return max(datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC), EPOCH)


def later(at: datetime, seconds: int, time_zone: str) -> datetime:
    """Return the instant so many days later by the clock there, and then what is left of a day.

    A time that the clock skips then is as much later, one that it shows twice is the first.
    """
    days, rest = divmod(seconds, SECONDS_OF_DAY)
    if days:
        there = at.astimezone(ZoneInfo(time_zone))
        at = (there + timedelta(days=days)).astimezone(UTC)
    return at + timedelta(seconds=rest)


def starts_at(sent: date | datetime | None, time_zone: str) -> datetime | None:
    """Return when what begins on this day begins; an instant is what it is."""
    if sent is None or isinstance(sent, datetime):
        return sent
    return beginning(sent, time_zone)


def ends_at(sent: date | datetime | None, time_zone: str) -> datetime | None:
    """Return when what ends with this day has ended; an instant is what it is."""
    if sent is None or isinstance(sent, datetime):
        return sent
    return beginning(sent + timedelta(days=1), time_zone)
