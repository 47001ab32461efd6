"""When a campaign that is closed now opens again. Pure.

A window opens where its hours begin while its series is open, or where its series begins within its
hours. So a fortnight of beginnings of hours is looked at, with the first window of the series after
each; and the instants at which a clock is set, for hours that begin in what it skips or repeats.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from contracts.validity import Validity
from redemption.moments import clocks
from redemption.moments.periods import clock
from redemption.moments.windows import begin_of, is_open, window_of

DAYS: Final = 15  # today's, and its like in a fortnight, among them


def opens_at(validity: Validity, at: datetime, time_zone: str) -> datetime | None:
    """Return when the next window opens after an instant; None where none does in a fortnight.

    Windows that recur more rarely than that, at any time of the day, are known however far.
    """
    found = _since(validity, at.replace(second=0, microsecond=0), time_zone)
    return found if found is None or found > at else _search(validity, at, time_zone)


@lru_cache(maxsize=1024)  # all who are refused in one minute are told the same
def _since(validity: Validity, minute: datetime, time_zone: str) -> datetime | None:
    return _search(validity, minute, time_zone)


def _search(validity: Validity, at: datetime, time_zone: str) -> datetime | None:
    zone, ends_at = clock(time_zone), validity.ends_at
    for candidates in _beginnings(validity, at, zone):
        for each in sorted(candidates):
            if ends_at is not None and each >= ends_at:
                return None
            if each > at and is_open(validity, each, time_zone):
                return each
    return None


def _beginnings(validity: Validity, at: datetime, zone: tzinfo) -> Iterator[set[datetime]]:
    """Yield where a window may open, day by day, and at last the next of a series."""
    minutes = {0, *(each.from_minute for each in validity.hours)}
    today = at.astimezone(zone).date()
    for n in range(DAYS):
        day = today + timedelta(days=n)
        begins = {at, *clocks.set_on(day, zone)} if n == 0 else {*clocks.set_on(day, zone)}
        for minute in minutes:
            local = datetime.combine(day, time.min) + timedelta(minutes=minute)
            begins |= {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        yield begins | {n for each in begins for n in _of_series(validity, each, zone)}
    yield {*_of_series(validity, at, zone)}


def _of_series(validity: Validity, since: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield the next window of a series, and the one after, which a clock may have left out."""
    starts_at, again = validity.starts_at, validity.recurrence
    if again is None or starts_at is None:
        return
    last = window_of(again, starts_at, since, zone)
    for n in (last + 1, last + 2):
        yield begin_of(again, starts_at, max(n, 0), zone)
