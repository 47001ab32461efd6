"""The periods of reports: presets, in the zone of a project. Pure.

A period is days of the project's zone, from the first instant of one to the first instant after
another; "last 28 days" includes today, so it is not over yet. Reports cut what it is compared with
at the same point.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from console.format.instants import begin_of, end_of

Preset = Literal[
    "today",
    "yesterday",
    "last_7_days",
    "last_28_days",
    "last_90_days",
    "this_month",
    "last_month",
    "this_quarter",
    "this_year",
    "last_12_months",
    "all",
    "custom",
]
Grain = Literal["hour", "day", "week", "month"]

PRESETS: Final[tuple[Preset, ...]] = get_args(Preset)
GRAINS: Final[tuple[Grain, ...]] = get_args(Grain)
USUAL: Final[Preset] = "last_28_days"
LONGEST_DAYS: Final = 3_660  # ten years
MOST_POINTS: Final = 400
GRAIN_DAYS: Final[dict[Grain, float]] = {"hour": 1 / 24, "day": 1, "week": 7, "month": 28}


class PeriodError(ValueError):
    """No such period: `problem` says what is wrong with its two ends."""

    def __init__(self, problem: Literal["reversed", "too_long", "missing"]) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a zone, both inclusive; `begins` and `ends` are their instants, `ends` exclusive.

    `until` is the instant up to which there can be figures: now, while it is not over.
    """

    first: date
    last: date
    begins: datetime
    ends: datetime
    until: datetime

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def period(
    preset: Preset,
    now: datetime,
    zone: ZoneInfo,
    *,
    first: date | None = None,
    last: date | None = None,
) -> Period:
    """Return a period; `first` and `last` are for a custom one."""
    today = now.astimezone(zone).date()
    if preset == "custom":
        if first is None or last is None:
            raise PeriodError("missing")
        return _of_days(first, last, now, zone)
    one, other = _days(preset, today)
    return _of_days(one, other, now, zone)


def grains(of: Period) -> tuple[Grain, ...]:
    """Return the grains that make neither one point nor more than a chart can show."""
    return tuple(
        grain
        for grain in GRAINS
        if of.days / GRAIN_DAYS[grain] <= MOST_POINTS and of.days >= GRAIN_DAYS[grain]
    )


def step(of: Period, back: bool) -> tuple[date, date]:
    """Return the days of the neighbouring period of the same length."""
    by = timedelta(days=-of.days if back else of.days)
    return of.first + by, of.last + by


def _of_days(first: date, last: date, now: datetime, zone: ZoneInfo) -> Period:
    if last < first:
        raise PeriodError("reversed")
    if (last - first).days >= LONGEST_DAYS:
        raise PeriodError("too_long")
    begins, ends = begin_of(first, zone), end_of(last, zone)
    return Period(first, last, begins, ends, max(begins, min(now, ends)))


def _days(preset: Preset, today: date) -> tuple[date, date]:
    month = today.replace(day=1)
    before_month = month - timedelta(days=1)
    match preset:
        case "today":
            return today, today
        case "yesterday":
            yesterday = today - timedelta(days=1)
            return yesterday, yesterday
        case "last_7_days" | "last_28_days" | "last_90_days":
            return today - timedelta(days=int(preset.split("_")[1]) - 1), today
        case "this_month":
            return month, today
        case "last_month":
            return before_month.replace(day=1), before_month
        case "this_quarter":
            return month.replace(month=month.month - (month.month - 1) % 3), today
        case "this_year":
            return today.replace(month=1, day=1), today
        case "last_12_months":
            return month.replace(year=month.year - 1), today
        case _:
            return today - timedelta(days=LONGEST_DAYS - 1), today  # all that there can be
