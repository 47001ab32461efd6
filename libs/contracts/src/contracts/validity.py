"""When a campaign's codes can be redeemed: from and to, on weekdays, in hours, in windows."""

from typing import Annotated

from pydantic import Field

from contracts.event import Model
from contracts.instants import Instant

Weekday = Annotated[int, Field(strict=True, ge=0, le=6)]  # 0 is Sunday
MinuteOfDay = Annotated[int, Field(strict=True, ge=0, le=24 * 60)]
Seconds = Annotated[int, Field(strict=True, ge=1, le=366 * 24 * 60 * 60)]


class Hours(Model):
    """Times of the day, by the clock of the project's time zone; on these weekdays, none is all.

    From the first minute, inclusive, to the last, exclusive; one that is not after the first is the
    next day's.
    """

    from_minute: MinuteOfDay
    to_minute: MinuteOfDay
    weekdays: tuple[Weekday, ...] = ()


class Recurrence(Model):
    """Windows that begin at `starts_at` and again and again, and how long each lasts."""

    every_seconds: Seconds
    lasts_seconds: Seconds


class Validity(Model):
    """When: from `starts_at`, inclusive, to `ends_at`, exclusive; None is "without".

    Within that on these weekdays, in these hours and in these windows; of what is empty, always.
    """

    starts_at: Instant | None = None
    ends_at: Instant | None = None
    weekdays: tuple[Weekday, ...] = ()
    hours: tuple[Hours, ...] = ()
    recurrence: Recurrence | None = None
