"""What a partner sees first, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.parts import Column
from console.design.words import say
from console.format import instants
from console.pages.portal.earned import Figures, earned
from console.periods import Period
from console.web import deals as in_words
from console.web import limits, offers, windows

__all__ = ["View", "changes", "columns", "days", "deals", "earned", "plans"]

COLUMNS: Final = ("name", "offer", "rules", "code", "ends", "commission")
CARD_OF: Final[Mapping[str, Any]] = {"name": "title", "offer": "status", "code": "figure"}

Things = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Deal:
    """A live deal in words; `code` is the one that it has, if it has one."""

    id: str
    name: str
    offer: str
    rules: Sequence[str]  # when and how often it redeems
    code: str
    codes: int
    ends: str
    note: str
    commission: str


@dataclass(frozen=True, slots=True)
class New:
    """What happened, in words, and when."""

    at: str
    what: str


@dataclass(frozen=True, slots=True)
class View:
    """The overview. `figures` is None while reports are out of reach."""

    portal: Mapping[str, Any]
    deals: Sequence[Deal]
    columns: Sequence[Column]
    total: int
    figures: Figures | None
    changes: Sequence[New]
    plans: Sequence[tuple[str, str]]


def days(month: Period) -> dict[str, str]:
    """Write a month as its totals are asked for, beside those of the month's days before."""
    after = month.last + timedelta(days=1)
    return {"from": month.first.isoformat(), "to": after.isoformat(), "compare": "previous"}


def deals(
    found: Things, codes: Sequence[str], currency: str, now: datetime, zone: ZoneInfo
) -> list[Deal]:
    return [
        Deal(
            each["id"],
            each["name"],
            offers.offer(each["offer"], currency),
            windows.sentences(each, zone) + limits.of_customers(each, currency),
            code,
            each["codes_count"],
            instants.last_minute(each["expiration_date"], zone) if each["expiration_date"] else "",
            in_words.status_note(each, 0, None, now, zone),
            in_words.commission(each["commission_plan"], currency),
        )
        for each, code in zip(found, codes, strict=True)
    ]


def columns(found: Sequence[Deal]) -> tuple[Column, ...]:
    """Return the columns; that of rules where a deal has some."""
    return tuple(
        Column(key, say(f"portal.{key}"), cut=key == "name", card=CARD_OF.get(key, "rest"))
        for key in COLUMNS
        if key != "rules" or any(deal.rules for deal in found)
    )


def changes(found: Things) -> list[New]:
    return [New(each["at"], _what(each)) for each in found]


def plans(found: Things, currency: str) -> list[tuple[str, str]]:
    """Write for how many deals each plan is, and what it pays."""
    return [
        (
            say("portal.of_deals", n=each["deals"]),
            in_words.commission(each["commission_plan"], currency),
        )
        for each in found
    ]


def _what(change: Mapping[str, Any]) -> str:
    kind, count = change["change"], change["codes_count"]
    if kind in ("shared", "held_back", "withdrawn") and count is not None:
        return say(f"portal.change_{kind}_codes", n=count, deal=change["deal"])
    return say(f"portal.change_{kind}", deal=change["deal"])
