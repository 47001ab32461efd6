"""Terms as people type them: numbers, amounts, percentages and days, for the API. Pure.

A field has the API's name, so what the API says of it is shown at it. What is no number, amount or
date is told here, at the same field. Empty is null: no limit, no end, no text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from console import query
from console.design.words import say
from console.format import instants, money, numbers
from console.web import constraints
from console.web.forms import Form

HUNDRED: Final = 100
LONGEST: Final = 24
AN_AMOUNT: Final = 1250
NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)

Read = TypeVar("Read")


@dataclass
class Typed:
    """Reads fields one by one, and gathers what is wrong with them; a class because it gathers."""

    form: Form
    currency: str
    zone: ZoneInfo
    faults: dict[str, str] = field(default_factory=dict)

    def whole(self, name: str) -> int | None:
        return self._counted(name, self._read(name, _whole, say("terms.no_number")))

    def number(self, name: str) -> int | float | None:
        return self._read(name, _number, say("terms.no_decimal"))

    def day(self, name: str) -> str | None:
        day = self._read(name, query.read_day, say("terms.no_day"))
        return None if day is None else day.isoformat()

    def amount(self, name: str) -> int | None:
        amount = self._read(
            name, lambda text: money.minor_units(text, self.currency), self._no_amount
        )
        return self._counted(name, amount)

    def amount_from_zero(self, name: str) -> int | None:
        """Read what comes to nothing or more, such as a price."""
        amount = self.amount(name)
        if amount is not None and amount < 0:
            self.faults[name] = self._no_amount
            return None
        return amount

    @property
    def _no_amount(self) -> str:
        example = money.plain(AN_AMOUNT, self.currency)
        return say("terms.no_amount", currency=self.currency, example=example)

    def percent(self, name: str) -> Decimal | None:
        return self._read(name, _percent, say("terms.no_percent"))

    def basis_points(self, name: str) -> int | None:
        share = self.percent(name)
        return None if share is None else int(share * HUNDRED)

    def moment(self, day: str, clock: str, *, is_end: bool) -> str | None:
        """Read a day with perhaps a time; a day alone is the whole of it, the last one too."""
        local = self._read(day, query.read_day, say("terms.no_day"))
        at = self._read(clock, time.fromisoformat, say("terms.no_time"))
        if local is None:
            if at is not None:
                self.faults.setdefault(day, say("terms.time_without_day"))
            return None
        if at is None:
            edge = instants.end_of if is_end else instants.begin_of
            return edge(local, self.zone).isoformat().replace("+00:00", "Z")
        try:
            return instants.of_field(f"{local.isoformat()}T{at:%H:%M}", self.zone)
        except ValueError:
            self.faults[clock] = say("terms.skipped_time", zone=self.zone.key)
            return None

    def _counted(self, name: str, number: int | None) -> int | None:
        """Refuse what comes to more than the API counts."""
        if number is not None and abs(number) > constraints.COUNTED:
            self.faults[name] = say("constraints.too_much")
            return None
        return number

    def _read(self, name: str, read: Callable[[str], Read], otherwise: str) -> Read | None:
        text = self.form.text(name)
        if text is None:
            return None
        try:
            return read(text)
        except (ValueError, InvalidOperation):
            self.faults[name] = otherwise
            return None


def validity(typed: Typed) -> dict[str, str | None]:
    """Read when something holds: days, perhaps with times."""
    starts = typed.moment("start_date", "start_time", is_end=False)
    ends = typed.moment("expiration_date", "expiration_time", is_end=True)
    if starts is not None and ends is not None and ends <= starts:
        typed.faults.setdefault("expiration_date", say("terms.reversed"))
    return {"start_date": starts, "expiration_date": ends}


def filled(thing: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """Return what stands in the fields of when something holds: what is read as it was."""
    start_day, start_time = _begin(thing["start_date"], zone)
    end_day, end_time = _end(thing["expiration_date"], zone)
    return {
        "start_date": start_day,
        "start_time": start_time,
        "expiration_date": end_day,
        "expiration_time": end_time,
    }


def text(value: Any) -> str:
    """Write a number for a field; null is empty."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def percent(basis_points: int) -> str:
    """Write 1550 as 15.5."""
    share = f"{Decimal(basis_points) / HUNDRED:f}"
    return share.rstrip("0").rstrip(".") if "." in share else share


def _begin(start: str | None, zone: ZoneInfo) -> tuple[str, str]:
    if start is None:
        return "", ""
    local = instants.read(start).astimezone(zone)
    at = "" if instants.begin_of(local.date(), zone) == local else f"{local:%H:%M}"
    return local.date().isoformat(), at


def _end(end: str | None, zone: ZoneInfo) -> tuple[str, str]:
    """Say which day is the last, where a day's end is meant; else the day and its time."""
    if end is None:
        return "", ""
    local = instants.read(end).astimezone(zone)
    before = date.fromordinal(local.date().toordinal() - 1)
    if instants.end_of(before, zone) == local:
        return before.isoformat(), ""
    return local.date().isoformat(), f"{local:%H:%M}"


def _whole(text: str) -> int:
    plain = numbers.ungrouped(text)
    if not plain.isascii() or not plain.isdigit() or len(plain) > LONGEST:
        raise ValueError(text)
    return int(plain)


def _number(text: str) -> int | float:
    if len(text) > LONGEST or not NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text) if "." in text else int(text)


def _percent(text: str) -> Decimal:
    share = Decimal(text.replace("%", "").strip())
    if not share.is_finite() or not 0 <= share <= HUNDRED or share != round(share, 2):
        raise ValueError(text)
    return share
