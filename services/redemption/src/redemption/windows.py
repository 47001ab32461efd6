"""When in the day, the week or again and again a campaign is valid, by its project's clock. Pure.

Days and weekdays are those of the wall clock, whatever hours a day has there: an hour that a clock
skips is in no window, one that it repeats is in it twice, a day that a zone left out has none.
Windows that come again every so many whole days begin at the same time of the clock; all others
come after so much time has passed.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from contracts.terms import Hours, Recurrence, Validity

FORTNIGHT: Final = 15  # days, today's and its like in a fortnight among them
MOST_WINDOWS: Final = 500
SECONDS_OF_DAY: Final = 24 * 60 * 60
WEEKDAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def is_open(validity: Validity, at: datetime, time_zone: str) -> bool:
    """Tell whether an instant lies in a window; what says nothing of windows is always open."""
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    if validity.weekdays and _weekday(local) not in validity.weekdays:
        return False
    if validity.hours and not any(_within(each, local) for each in validity.hours):
        return False
    starts_at, again = validity.starts_at, validity.recurrence
    return again is None or starts_at is None or _recurs(again, starts_at, at, zone)


def opens_at(validity: Validity, at: datetime, time_zone: str) -> datetime | None:
    """Return when the next window opens after an instant; None where none does within a fortnight.

    Windows that recur more rarely are looked for up to the next one.
    """
    zone = ZoneInfo(time_zone)
    minutes = {0, *(each.from_minute for each in validity.hours)}
    today = at.astimezone(zone).date()
    begins = {
        datetime.combine(today + timedelta(days=n), time.min, zone) + timedelta(minutes=minute)
        for n in range(FORTNIGHT)
        for minute in minutes
    }
    candidates = {each.astimezone(UTC) for each in begins}
    starts_at, again = validity.starts_at, validity.recurrence
    if again is not None and starts_at is not None:
        passed = int((at - starts_at).total_seconds() // again.every_seconds)
        most = max(2, FORTNIGHT * SECONDS_OF_DAY // again.every_seconds)
        candidates |= {
            _later(starts_at, n * again.every_seconds, zone)
            for n in range(max(0, passed), passed + min(most, MOST_WINDOWS) + 1)
        }
    ends_at = validity.ends_at
    return next(
        (
            each
            for each in sorted(candidates)
            if each > at
            and (ends_at is None or each < ends_at)
            and is_open(validity, each, time_zone)
        ),
        None,
    )


def description(validity: Validity, time_zone: str) -> str:
    """Say when it is valid, for who came at another time."""
    parts = []
    if validity.weekdays:
        parts.append(f"on {_days(validity.weekdays)}")
    if validity.hours:
        parts.append(" or ".join(_spoken(each) for each in validity.hours))
    if validity.recurrence is not None:
        lasts, every = validity.recurrence.lasts_seconds, validity.recurrence.every_seconds
        parts.append(f"for {timedelta(seconds=lasts)} in every {timedelta(seconds=every)}")
    return f"valid {', '.join(parts)} ({time_zone})"


def _weekday(local: datetime) -> int:
    return local.isoweekday() % 7  # 0 is Sunday


def _within(hours: Hours, local: datetime) -> bool:
    """Tell whether a time of day lies in hours; over midnight they are of the day they begin."""
    minute, today = local.hour * 60 + local.minute, _weekday(local)
    if hours.from_minute < hours.to_minute:
        return hours.from_minute <= minute < hours.to_minute and _on(hours, today)
    if minute >= hours.from_minute:
        return _on(hours, today)
    return minute < hours.to_minute and _on(hours, (today - 1) % 7)


def _on(hours: Hours, weekday: int) -> bool:
    return not hours.weekdays or weekday in hours.weekdays


def _recurs(again: Recurrence, starts_at: datetime, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an instant lies in one of the windows that begin at `starts_at` and again."""
    if at < starts_at:
        return False
    passed, into = divmod((at - starts_at).total_seconds(), again.every_seconds)
    if again.every_seconds % SECONDS_OF_DAY:
        return into < again.lasts_seconds
    # By the wall clock a window may begin hours sooner or later than time that passes says.
    for n in range(max(0, int(passed) - 1), int(passed) + 2):
        begins = _later(starts_at, n * again.every_seconds, zone)
        if begins <= at < _later(starts_at, n * again.every_seconds + again.lasts_seconds, zone):
            return True
    return False


def _later(at: datetime, seconds: int, zone: ZoneInfo) -> datetime:
    """Return the instant so many days later by the wall clock, and then what is left in seconds."""
    days, rest = divmod(seconds, SECONDS_OF_DAY)
    local = at.astimezone(zone) + timedelta(days=days)
    return local.astimezone(UTC) + timedelta(seconds=rest)


def _days(weekdays: tuple[int, ...]) -> str:
    return ", ".join(WEEKDAYS[day] for day in weekdays)


def _spoken(hours: Hours) -> str:
    days = f" on {_days(hours.weekdays)}" if hours.weekdays else ""
    return f"from {_clock(hours.from_minute)} to {_clock(hours.to_minute)}{days}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
