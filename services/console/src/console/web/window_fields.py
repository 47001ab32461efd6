"""When in the week and the day a deal holds, as fields of a form. Pure.

`read` is what the API is told, `filled` what it told, `shown` what the fields look like.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.web import rows, windows
from console.web.forms import Form, whole
from console.web.terms import Typed

WEEKDAYS, HOURS, FRAME = "validity_day_of_week", "validity_hours", "validity_timeframe"
DAILY: Final = f"{HOURS}.daily"
PARTS: Final = ("start_time", "expiration_time", "days_of_week")
MOST_HOURS: Final = 50
INTERVAL, DURATION = f"{FRAME}.interval", f"{FRAME}.duration"
USUAL_UNIT: Final = {INTERVAL: "weeks", DURATION: "hours"}
CLOCK: Final = re.compile(r"(\d{1,2})(?::(\d\d))?", re.ASCII)
LAST: Final = (24, 0)
HOUR_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class HoursRow:
    """Times of the day as they are typed; the summary leads to one of both fields."""

    name: str
    label: str
    start_id: str
    start: str
    end: str
    days: Sequence[Option]
    error: str


@dataclass(frozen=True, slots=True)
class Fields:
    """All of it; `is_open` where anything is set, or wrong."""

    is_open: bool
    days: Sequence[Option]
    hours: Sequence[HoursRow]
    every: Sequence[Option]
    lasts: Sequence[Option]


def compacted(form: Form) -> Form:
    """Leave out the hours that are empty."""
    return rows.compacted(form, DAILY, PARTS)


def shown(form: Form) -> Fields:
    count = rows.count(form, DAILY)
    fields = [name for name in form.names if name.startswith("validity_")]
    is_set = any(form.text(name) for name in fields if not name.endswith("_unit"))
    return Fields(
        is_open=is_set or any(name.startswith("validity_") for name in form.faults),
        days=_days(form, WEEKDAYS),
        hours=[_row(form, at) for at in range(min(MOST_HOURS, count + 1))],
        every=units(form, INTERVAL, USUAL_UNIT[INTERVAL]),
        lasts=units(form, DURATION, USUAL_UNIT[DURATION]),
    )


def read(typed: Typed) -> dict[str, Any]:
    """Return the three fields of the API; null where nothing was typed."""
    daily = [_hours(typed, f"{DAILY}.{at}") for at in range(rows.count(typed.form, DAILY))]
    return {
        WEEKDAYS: _numbers(typed.form, WEEKDAYS),
        HOURS: {"daily": daily} if daily else None,
        FRAME: _frame(typed),
    }


def filled(thing: Mapping[str, Any]) -> dict[str, str | Sequence[str]]:
    """Return what stands in the fields: what is read as it was."""
    found: dict[str, str | Sequence[str]] = {WEEKDAYS: _texts(thing[WEEKDAYS])}
    for at, hours in enumerate((thing[HOURS] or {"daily": ()})["daily"]):
        row = {part: hours[part] for part in PARTS[:2]} | {PARTS[2]: _texts(hours[PARTS[2]])}
        found |= {f"{DAILY}.{at}.{part}": value for part, value in row.items()}
    for name in (INTERVAL, DURATION):
        number, unit = "", USUAL_UNIT[name]
        if (frame := thing[FRAME]) is not None:
            many, unit = windows.count(windows.seconds(frame[name.rpartition(".")[2]]))
            number = str(many)
        found |= {name: number, f"{name}_unit": unit}
    return found


def _hours(typed: Typed, row: str) -> dict[str, Any]:
    return {
        "start_time": _clock(typed, f"{row}.start_time"),
        "expiration_time": _clock(typed, f"{row}.expiration_time"),
        "days_of_week": _numbers(typed.form, f"{row}.days_of_week"),
    }


def _clock(typed: Typed, name: str) -> str | None:
    """Read 22, 9:30 and 24:00, which is the end of a day."""
    found = CLOCK.fullmatch(typed.form.text(name) or "")
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (LAST[0], 1)
    if (hour, minute) > LAST or minute >= HOUR_MINUTES:
        typed.faults[name] = say("windows.no_time")
        return None
    return f"{hour:02d}:{minute:02d}"


def _frame(typed: Typed) -> dict[str, str | None] | None:
    lengths = {name: length(typed, name) for name in (INTERVAL, DURATION)}
    if not any(typed.form.text(name) for name in lengths):
        return None
    for name in lengths:
        if typed.form.text(name) is None:
            typed.faults[name] = say("windows.no_length")
    if typed.form.text("start_date") is None:
        typed.faults.setdefault("start_date", say("windows.no_start"))
    return {name.rpartition(".")[2]: length for name, length in lengths.items()}


def length(typed: Typed, name: str) -> str | None:
    """Read a number and its unit as the API writes a duration; None where nothing was typed."""
    number, unit = typed.whole(name), typed.form.one(f"{name}_unit")
    if number is None:
        return None
    length = windows.UNITS.get(unit)  # of another one the API has something to say
    return f"{number} {unit}" if length is None else windows.duration(number * length)


def _numbers(form: Form, name: str) -> list[int | str] | None:
    """Return the days of boxes that are ticked; what is no number is left to the API to refuse."""
    ticked = [(day, whole(day)) for day in sorted(form.many(name))]
    return [day if number is None else number for day, number in ticked] or None


def _texts(numbers: Sequence[int] | None) -> tuple[str, ...]:
    return tuple(str(number) for number in numbers or ())


def _days(form: Form, name: str) -> tuple[Option, ...]:
    return tuple(
        Option(str(day), say(f"windows.short_{day}"), form.has(name, str(day)))
        for day in windows.WEEK
    )


def _row(form: Form, at: int) -> HoursRow:
    name = f"{DAILY}.{at}"
    start, end = f"{name}.start_time", f"{name}.expiration_time"
    faulty, error = rows.fault(form, name)
    return HoursRow(
        name,
        say("windows.row", n=at + 1),
        start if faulty in {"", end} else faulty,
        form.one(start),
        form.one(end),
        _days(form, f"{name}.days_of_week"),
        error,
    )


def units(form: Form, name: str, usual: str) -> tuple[Option, ...]:
    """Return the units; seconds only where they are in use already."""
    chosen = form.one(f"{name}_unit") or usual
    return tuple(
        Option(unit, say(f"windows.unit_{unit}"), unit == chosen)
        for unit in windows.UNITS
        if unit != "seconds" or unit == chosen
    )
