"""When a zone's clock is set forward or back. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

A_SECOND: Final = timedelta(seconds=1)


def set_on(day: date, zone: tzinfo) -> Iterator[datetime]:
    """Yield the instant of a day at which its clock is set, if it is."""
    low, high = (
        datetime.combine(day + timedelta(days=n), time.min, zone).astimezone(UTC) for n in (0, 1)
    )
    if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
        return
    before = low.astimezone(zone).utcoffset()
    while high - low > A_SECOND:
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    yield high.replace(microsecond=0)
