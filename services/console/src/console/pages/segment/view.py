"""What the page of a segment shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from console import query
from console.design.words import say
from console.format import instants, money
from console.query import Query
from console.web import listing, segments
from console.web.conditions import Reader
from console.web.listing import Pager

SHOWN: Final = 50
NAMES: Final = (query.size("50"), query.page())

Fact = tuple[str, str]


class Beside(NamedTuple):
    """What is read beside it: of a list who is on it, of a filter how many, what they brought."""

    members: Mapping[str, Any] | None = None
    counted: Mapping[str, Any] | None = None
    earned: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One segment; `members` of a list alone, page by page."""

    segment: Mapping[str, Any]
    facts: Sequence[Fact]
    members: Sequence[str]
    pager: Pager | None


def view(
    asks: Query,
    segment: Mapping[str, Any],
    beside: Beside,
    reader: Reader,
) -> View:
    members, counted, earned = beside
    told = {
        "who": segments.sentence(segment, reader),
        "size": segments.size(segment) if counted is None else _counted(counted, reader),
        "in_reports": say("segments.reported" if segment["in_reports"] else "segments.unreported"),
        "created_at": instants.moment(segment["created_at"], reader.zone),
        "id": segment["id"],
    }
    facts = [(say(f"segments.{name}"), text) for name, text in told.items()]
    facts[3:3] = _earned(earned)
    if members is None:
        return View(segment, facts, (), None)
    ids = [each["id"] for each in members[members["data_ref"]]]
    return View(segment, facts, ids, listing.pager(asks, len(ids), members["total"]))


def _counted(told: Mapping[str, Any], reader: Reader) -> str:
    """Say how many were in it when it was asked for."""
    at = instants.moment(told["counted_at"], reader.zone)
    return say("segments.counted", size=say("segments.customers", n=told["total"]), at=at)


def _earned(told: Mapping[str, Any] | None) -> Sequence[Fact]:
    """Say what its customers brought, currency by currency, as reports count it."""
    if told is None:
        return ()
    return [
        (
            say("segments.brought", of=each["currency"]),
            say(
                "segments.figures",
                n=each["figures"]["redemptions"]["value"],
                gross=money.money(each["figures"]["gross_minor"]["value"], each["currency"]),
                profit=money.money(each["figures"]["profit_minor"]["value"], each["currency"]),
            ),
        )
        for each in told["data"]
    ]
