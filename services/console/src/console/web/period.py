"""The period that a page is about: asked for in its URL, told to the API, drawn as a picker. Pure.

A period that is no period (reversed, too long) is told at its fields, and the usual one is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from console import periods, query
from console.design.parts import Option
from console.design.words import say
from console.format import instants
from console.periods import GRAINS, PRESETS, USUAL, Grain, Period, PeriodError, Preset
from console.query import Name, Query
from console.web import listing

ALL: Final = "all"
COMPARES: Final = ("previous", "year", "none")
NAMES: Final[tuple[Name, ...]] = tuple(
    replace(name, kind="period")  # no filter: there is always one
    for name in (
        query.choice("period", PRESETS, usual=USUAL),
        query.day("from"),
        query.day("to"),
        query.choice("compare", COMPARES, usual="previous"),
        query.choice("unit", GRAINS),
    )
)


@dataclass(frozen=True, slots=True)
class Picked:
    """A view's period. `problem` says why it is not the one that was asked for."""

    asks: Query
    period: Period
    zone: ZoneInfo
    problem: str = ""

    @property
    def is_all(self) -> bool:
        return self.asks.one("period") == ALL

    @property
    def compares(self) -> bool:
        return self.asks.one("compare") != "none" and not self.is_all

    @property
    def in_file_name(self) -> str:
        """Write it for the name of an export."""
        return "" if self.is_all else f"{self.period.first}-{self.period.last}"

    def asked(self, *, compare: bool = False) -> dict[str, Any]:
        """Write it as reports are asked: days of the project's zone, `to` exclusive."""
        if self.is_all:
            return {}
        after = self.period.last + timedelta(days=1)
        days = {"from": self.period.first.isoformat(), "to": after.isoformat()}
        return days | ({"compare": self.asks.one("compare")} if compare else {})

    def instants(self) -> dict[str, Any]:
        """Write it for who takes instants alone."""
        if self.is_all:
            return {}
        ends = {"from": self.period.begins, "to": self.period.ends}
        return {name: instants.utc(at) for name, at in ends.items()}

    def in_steps(self) -> dict[str, Any]:
        """Write it as a time series is asked, in the steps that were chosen, if they fit."""
        grain = self.asks.one("unit")
        fits = self.is_all or grain in periods.grains(self.period)
        return self.asked() | ({"grain": grain} if grain and fits else {})

    def with_sums(self) -> dict[str, Any]:
        """Write it as a time series is asked that says the sums, and the other period, as well."""
        return self.in_steps() | self.asked(compare=True) | {"totals": "true"}


@dataclass(frozen=True, slots=True)
class Picker:
    """As design/components/period.html draws it."""

    label: str
    presets: Sequence[Option]
    custom: Mapping[str, Any]
    back: str
    forward: str
    compare_label: str
    compares: Sequence[Option]
    grains: Sequence[Option]


def picked(asks: Query, now: datetime, zone: ZoneInfo) -> Picked:
    """Read the period of a view whose names hold NAMES."""
    preset = cast("Preset", asks.one("period"))
    try:
        first, last = (_day(asks.one(name)) for name in ("from", "to"))
        return Picked(asks, periods.period(preset, now, zone, first=first, last=last), zone)
    except PeriodError as error:
        usual = periods.period(USUAL, now, zone)
        return Picked(asks, usual, zone, say(f"period.{error.problem}"))


def picker(picked: Picked, grain: Grain | None = None, *, compare: bool = True) -> Picker:
    """Draw it; with `grain`, the one that a chart has, the others that fit are offered too."""
    asks, period = picked.asks, picked.period
    today = period.until.astimezone(picked.zone).date()
    has_later = not picked.is_all and period.last < today
    return Picker(
        label=_label(picked),
        presets=[_preset(asks, preset) for preset in PRESETS if preset != "custom"],
        custom=_custom(picked),
        back="" if picked.is_all else _days(asks, *periods.step(period, back=True)),
        forward=_days(asks, *periods.step(period, back=False)) if has_later else "",
        compare_label=say(f"period.compare_{asks.one('compare')}") if compare else "",
        compares=[_compare(asks, each) for each in COMPARES] if compare else (),
        grains=[_grain(picked, each, grain) for each in GRAINS] if grain else (),
    )


def spoken(picked: Picked) -> str:
    """Write which days it is: 30 Oct 2026 – 26 Nov 2026."""
    return say("period.all") if picked.is_all else _days_of(picked.period)


def _label(picked: Picked) -> str:
    preset = picked.asks.one("period")
    if preset == "custom" or picked.problem:
        return _days_of(picked.period)
    return say(f"period.{preset}")


def _days_of(period: Period) -> str:
    first, last = instants.day_of(period.first), instants.day_of(period.last)
    return first if period.first == period.last else say("period.of_days", first=first, last=last)


def _preset(asks: Query, preset: Preset) -> Option:
    view = asks.changed("from").changed("to").changed("unit").changed("period", preset)
    chosen = asks.one("period") == preset
    return Option(preset, say(f"period.{preset}"), chosen=chosen, href=listing.link(view))


def _compare(asks: Query, compare: str) -> Option:
    chosen = asks.one("compare") == compare
    href = listing.link(asks.changed("compare", compare))
    return Option(compare, say(f"period.compare_{compare}"), chosen=chosen, href=href)


def _grain(picked: Picked, grain: Grain, used: Grain) -> Option:
    fits = picked.is_all or grain in periods.grains(picked.period)
    href = listing.link(picked.asks.changed("unit", grain)) if fits else None
    return Option(grain, say(f"period.{grain}"), chosen=grain == used, href=href)


def _custom(picked: Picked) -> Mapping[str, Any]:
    asks = picked.asks
    ours = {"period", "from", "to", "unit"}
    kept = {
        name.name: asks.one(name.name)
        for name in asks.names
        if name.name not in ours and name.kind != "place" and asks.many(name.name)
    }
    return {
        "action": "",
        "from": asks.one("from") or picked.period.first.isoformat(),
        "to": asks.one("to") or picked.period.last.isoformat(),
        "hidden": {"period": "custom", **kept},
        "error": picked.problem,
    }


def _days(asks: Query, first: date, last: date) -> str:
    view = asks.changed("period", "custom").changed("from", first.isoformat())
    return listing.link(view.changed("to", last.isoformat()))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
