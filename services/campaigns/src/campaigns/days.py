"""Whole days by the clock of a project's time zone, as instants. Pure.

A day begins with its first moment: where clocks are put forward at midnight, that is one o'clock.
A day that a zone skipped is none: it begins and ends with the next one's beginning.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def beginning(day: date, time_zone: str) -> datetime:
    """Return when that day begins there; no instant is before 1970."""
    return max(datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC), EPOCH)


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
