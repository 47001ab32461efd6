"""When codes are valid within a campaign's dates, in Voucherify's words.

All of it is by the clock of the project's time zone, and all that is said must hold together.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from campaigns.api.body import Body
from contracts.validity import Hours, Recurrence, Weekday

MOST_HOURS: Final = 14
LONGEST: Final = timedelta(days=366)
DURATION: Final = re.compile(r"P(?=.)(\d+W|(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?)")
CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):  # no client's: JSON has none
        return value
    if not isinstance(value, str) or not DURATION.fullmatch(value):
        raise ValueError("should be an ISO 8601 duration of weeks, days or less, such as P2D, PT4H")
    return value


def _some_time(value: timedelta) -> timedelta:
    if not timedelta(0) < value <= LONGEST:
        raise ValueError("should be more than nothing and 366 days at most")
    return value


def _written(value: timedelta) -> str:
    """Write what `_duration` reads; pydantic would make a year of 365 days."""
    hours, seconds = divmod(value.seconds, 60 * 60)
    clock = zip((hours, *divmod(seconds, 60)), "HMS", strict=True)
    time = "".join(f"{number}{unit}" for number, unit in clock if number)
    days = f"{value.days}D" if value.days else ""
    return f"P{days}T{time}" if time else f"P{days}"


def _distinct(days: Sequence[int]) -> tuple[int, ...]:
    if len(set(days)) < len(days):
        raise ValueError("should name a day once")
    return tuple(sorted(days))


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    AfterValidator(_some_time),
    PlainSerializer(_written, return_type=str, when_used="json"),
]
Days = Annotated[tuple[Weekday, ...], AfterValidator(_distinct)]
Clock = Annotated[str, Field(pattern=CLOCK)]


class TimeframeBody(Body):
    """Windows that begin at `start_date`, last for `duration` and come again every `interval`.

    ISO 8601. Whole days go by the clock: a window that begins at nine always does.
    """

    interval: Duration
    duration: Duration

    @model_validator(mode="after")
    def _ends_before_it_begins_again(self) -> Self:
        if self.duration > self.interval:
            raise ValueError("should have a duration that is no longer than its interval")
        return self

    def to_domain(self) -> Recurrence:
        return Recurrence(
            every_seconds=int(self.interval.total_seconds()),
            lasts_seconds=int(self.duration.total_seconds()),
        )


class DailyBody(Body):
    """From `start_time` to `expiration_time`, exclusive: the next day's, where it is not later."""

    start_time: Clock
    expiration_time: Clock
    days_of_week: Days | None = None

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.start_time in {self.expiration_time, "24:00"}:
            raise ValueError("should end at another time of the day than it begins")
        return self

    def to_domain(self) -> Hours:
        return Hours(
            from_minute=_minute(self.start_time),
            to_minute=_minute(self.expiration_time),
            weekdays=self.days_of_week or (),
        )


class HoursBody(Body):
    """Times of the day on days of the week, 0 is Sunday; of several any will do."""

    daily: Annotated[tuple[DailyBody, ...], Field(min_length=1, max_length=MOST_HOURS)]


def timeframe_body(recurrence: Recurrence | None) -> TimeframeBody | None:
    """Write windows that recur; `to_domain` reads them as they were."""
    if recurrence is None:
        return None
    return TimeframeBody(
        interval=timedelta(seconds=recurrence.every_seconds),
        duration=timedelta(seconds=recurrence.lasts_seconds),
    )


def hours_body(hours: Sequence[Hours]) -> HoursBody | None:
    """Write hours; null where there are none."""
    if not hours:
        return None
    daily = [
        DailyBody(
            start_time=_clock(each.from_minute),
            expiration_time=_clock(each.to_minute),
            days_of_week=each.weekdays or None,
        )
        for each in hours
    ]
    return HoursBody(daily=tuple(daily))


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
