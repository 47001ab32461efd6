"""When in the week and the day a deal holds, in sentences: Fridays 22:00 to 02:00. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.words import say
from console.format import instants

WEEK: Final = (1, 2, 3, 4, 5, 6, 0)  # 0 is Sunday; a week begins on Monday
RANGE: Final = 3  # so many days in a row are said as "Monday to Wednesday"
UNITS: Final[Mapping[str, int]] = {
    "weeks": 604_800,
    "days": 86_400,
    "hours": 3_600,
    "minutes": 60,
    "seconds": 1,
}
DURATION: Final = re.compile(
    r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII
)

Thing = Mapping[str, Any]


def sentences(thing: Thing, zone: ZoneInfo) -> list[str]:
    """Write when it holds within its dates; of what says nothing, nothing."""
    found = []
    if numbers := thing["validity_day_of_week"]:
        found.append(days(numbers))
    if (hours := thing["validity_hours"]) is not None:
        found.append(daily(hours["daily"]))
    if (frame := thing["validity_timeframe"]) is not None:
        start = thing["start_date"]
        found.append(timeframe(frame, instants.moment(start, zone) if start else ""))
    return [
        say("windows.in_zone", when=each[:1].upper() + each[1:], zone=zone.key) for each in found
    ]


def days(numbers: Sequence[int]) -> str:
    """Write Fridays, Saturdays; and Monday to Friday."""
    week = [at for at, number in enumerate(WEEK) if number in numbers]
    if len(week) >= RANGE and week[-1] - week[0] == len(week) - 1:
        first, last = (say(f"windows.day_{WEEK[at]}") for at in (week[0], week[-1]))
        return say("windows.range", first=first, last=last)
    return ", ".join(say(f"windows.days_{WEEK[at]}") for at in week)


def daily(hours: Sequence[Thing]) -> str:
    """Write hours of which any will do."""
    return say("windows.or").join(_hours(each) for each in hours)


def timeframe(frame: Thing, start: str = "") -> str:
    """Write windows that come again; `start` is when the first one begins."""
    every = count(seconds(frame["interval"]))
    lasts = span(frame["duration"])
    found = say("windows.again", lasts=lasts, every=say(f"windows.every_{every[1]}", n=every[0]))
    return say("windows.first", windows=found, start=start) if start else found


def span(duration: str) -> str:
    """Write PT36H as 36 hours."""
    number, unit = count(seconds(duration))
    return say(f"windows.n_{unit}", n=number)


def count(total: int) -> tuple[int, str]:
    """Return how many of the largest unit that measures it."""
    unit = next(unit for unit, length in UNITS.items() if total % length == 0)
    return total // UNITS[unit], unit


def seconds(duration: str) -> int:
    """Read an ISO 8601 duration of the API; raise ValueError where it is none."""
    found = DURATION.fullmatch(duration)
    if found is None:
        raise ValueError(duration)
    return sum(
        int(number or 0) * length
        for number, length in zip(found.groups(), UNITS.values(), strict=True)
    )


def duration(total: int) -> str:
    """Write an ISO 8601 duration as the API does."""
    whole, rest = divmod(total, UNITS["days"])
    hours, rest = divmod(rest, UNITS["hours"])
    minutes, rest = divmod(rest, UNITS["minutes"])
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if n)
    if not clock:
        return f"P{whole}D"
    return f"P{whole}DT{clock}" if whole else f"PT{clock}"


def _hours(hours: Thing) -> str:
    on = hours["days_of_week"]
    whose = days(on) if on else say("windows.every_day")
    return say("windows.hours", days=whose, start=hours["start_time"], end=hours["expiration_time"])
