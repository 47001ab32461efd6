"""When in the day, the week or again and again a campaign is valid, by its project's clock. Pure.

Days and weekdays are those of the wall clock, whatever hours a day has there: an hour that a clock
skips is in no window, one that it repeats is in it twice, a day that a zone left out has none.
Windows that come again every so many whole days begin at the same time of the clock; all others
come after so much time has passed.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from contracts.validity import Hours, Recurrence, Validity
from redemption.moments.periods import clock

SECONDS_OF_DAY: Final = 24 * 60 * 60
WEEKDAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
MOST_SPOKEN: Final = 7
INSTANT: Final = timedelta(microseconds=1)


def is_open(validity: Validity, at: datetime, time_zone: str) -> bool:
    """Tell whether an instant lies in a window; what says nothing of windows is always open."""
    zone = clock(time_zone)
    local = at.astimezone(zone)
    if validity.weekdays and weekday(local) not in validity.weekdays:
        return False
    if validity.hours and not any(_within(each, local, zone) for each in validity.hours):
        return False
    starts_at, again = validity.starts_at, validity.recurrence
    return again is None or starts_at is None or _recurs(again, starts_at, at, zone)


def description(validity: Validity, time_zone: str) -> str:
    """Say when it is valid, for who came at another time."""
    parts = []
    if validity.weekdays:
        parts.append(f"on {_days(validity.weekdays)}")
    if validity.hours:
        spoken = [_spoken(each) for each in validity.hours[:MOST_SPOKEN]]
        more = ", among others" if len(validity.hours) > MOST_SPOKEN else ""
        parts.append(" or ".join(spoken) + more)
    if validity.recurrence is not None:
        lasts, every = validity.recurrence.lasts_seconds, validity.recurrence.every_seconds
        parts.append(f"for {_duration(lasts)} in every {_duration(every)}")
    return f"valid {', '.join(parts)} ({time_zone})"


def later(at: datetime, seconds: int, zone: tzinfo) -> datetime:
    """Return the instant so many days later by the wall clock, and then what is left in seconds."""
    days, rest = divmod(seconds, SECONDS_OF_DAY)
    if days:
        at = (at.astimezone(zone) + timedelta(days=days)).astimezone(UTC)
    return at + timedelta(seconds=rest)


def window_of(again: Recurrence, starts_at: datetime, at: datetime, zone: tzinfo) -> int:
    """Return the number of the last window that has begun by then; below 0 where none has."""
    passed = int((at - starts_at).total_seconds() // again.every_seconds)
    if again.every_seconds % SECONDS_OF_DAY == 0:
        # By the wall clock it may begin hours sooner or later than time that passes says.
        for n in (passed + 1, passed):
            if n >= 0 and begin_of(again, starts_at, n, zone) <= at:
                return n
        return passed - 1
    return passed


def begin_of(again: Recurrence, starts_at: datetime, n: int, zone: tzinfo) -> datetime:
    """Return when the window of this number begins."""
    passed = n * again.every_seconds
    if again.every_seconds % SECONDS_OF_DAY:
        return starts_at + timedelta(seconds=passed)
    return later(starts_at, passed, zone)


def weekday(local: datetime) -> int:
    return local.isoweekday() % 7  # 0 is Sunday


def _recurs(again: Recurrence, starts_at: datetime, at: datetime, zone: tzinfo) -> bool:
    n = window_of(again, starts_at, at, zone)
    if n < 0:
        return False
    if again.every_seconds % SECONDS_OF_DAY:
        return at < begin_of(again, starts_at, n, zone) + timedelta(seconds=again.lasts_seconds)
    # From where the series began: of a day that a zone left out, begin and end are one instant.
    return at < later(starts_at, n * again.every_seconds + again.lasts_seconds, zone)


def _within(hours: Hours, local: datetime, zone: tzinfo) -> bool:
    """Tell whether a time of day lies in hours; over midnight they are of the day they begin."""
    minute = local.hour * 60 + local.minute
    if hours.from_minute < hours.to_minute:
        return hours.from_minute <= minute < hours.to_minute and _on(hours, weekday(local))
    if minute >= hours.from_minute:
        return _on(hours, weekday(local))
    return minute < hours.to_minute and (not hours.weekdays or _on(hours, _day_before(local, zone)))


def _day_before(local: datetime, zone: tzinfo) -> int:
    """Return the weekday of the day before, which in some zone once was two days ago."""
    midnight = datetime.combine(local.date(), time.min, zone).astimezone(UTC)
    return weekday((midnight - INSTANT).astimezone(zone))


def _on(hours: Hours, day: int) -> bool:
    return not hours.weekdays or day in hours.weekdays


def _days(weekdays: tuple[int, ...]) -> str:
    return ", ".join(WEEKDAYS[day] for day in weekdays)


def _spoken(hours: Hours) -> str:
    days = f" on {_days(hours.weekdays)}" if hours.weekdays else ""
    return f"from {_clock(hours.from_minute)} to {_clock(hours.to_minute)}{days}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _duration(seconds: int) -> str:
    """Write a duration in whole units: 1 day 2 hours."""
    parts = []
    for unit, length in (("day", SECONDS_OF_DAY), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(parts)
