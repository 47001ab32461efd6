"""The coupon browser: what the lists of campaigns and of codes share of what they show. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.design.parts import Chip, Column, Option, Tab
from console.design.words import say
from console.format import instants, numbers
from console.query import Query
from console.web import columns, deals, filters, listing, offers
from console.web.filters import EVERYTHING, STATUSES, TYPES
from console.web.listing import Pager

Things = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the API was asked of a list and said: what it found, counts, what to filter by."""

    asked: Mapping[str, Any]
    found: Mapping[str, Any]
    counts: Mapping[str, Any]
    partners: Things
    categories: Things
    campaigns: Things = ()

    @property
    def labels(self) -> Mapping[tuple[str, str], str]:
        """Return what the ids that are filtered by are called."""
        kinds = (("partner", self.partners), ("category", self.categories))
        every = (*kinds, ("shared", self.partners), ("campaign", self.campaigns))
        return {(name, each["id"]): each["name"] for name, found in every for each in found}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a list is written: when, where, in which money, with which columns."""

    now: datetime
    zone: ZoneInfo
    currency: str
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign or a code, with what the list says of it in words; `key` is its page's."""

    id: str
    key: str
    name: str
    thing: Mapping[str, Any]
    note: str
    offer: str
    ends: str
    redeemed: str


@dataclass(frozen=True, slots=True)
class View:
    """A list as web/browsing.html draws it."""

    query: Query
    rows: Sequence[Row]
    columns: Sequence[Column]
    choices: Sequence[Option]
    tabs: Sequence[Tab]
    chips: Sequence[Chip]
    pager: Pager
    elsewhere: int
    total: int
    job_filter: str
    types: Sequence[Option]
    partners: Sequence[Option]
    sharers: Sequence[Option]
    categories: Sequence[Option]

    @property
    def is_new(self) -> bool:
        """Say whether there is nothing because nobody has made anything yet."""
        return not self.rows and not self.chips and not self.elsewhere


def view(
    asks: Query,
    answers: Answers,
    reader: Reader,
    rows: Sequence[Row],
    known: Sequence[Column],
) -> View:
    shown = columns.chosen(asks, known, reader.columns)
    return View(
        query=asks,
        rows=rows,
        columns=shown,
        choices=columns.offered(known, shown),
        tabs=_tabs(asks, answers.counts),
        chips=_chips(asks, answers.labels),
        pager=listing.by_cursor(asks, answers.found, len(rows)),
        elsewhere=int(answers.counts["total"]) if asks.one("status") != EVERYTHING else 0,
        total=answers.found["total"],
        job_filter=filters.of_job(answers.asked),
        types=[Option(t, say(f"browsing.type_{t}"), t in asks.many("type")) for t in TYPES],
        partners=_options(asks, "partner", answers.partners),
        sharers=_options(asks, "shared", answers.partners),
        categories=_options(asks, "category", answers.categories),
    )


def row(
    thing: Mapping[str, Any],
    reader: Reader,
    *,
    key: str,
    name: str,
    discount: Mapping[str, Any],
    used: int,
    limit: int | None,
) -> Row:
    """Write a campaign or a code, used so often of so many times."""
    end = thing["expiration_date"]
    return Row(
        id=thing["id"],
        key=key,
        name=name,
        thing=thing,
        note=deals.status_note(thing, used, limit, reader.now, reader.zone),
        offer=offers.offer(discount, reader.currency),
        ends=instants.last_minute(end, reader.zone) if end else "",
        redeemed=deals.used_of(used, limit),
    )


def _tabs(asks: Query, counts: Mapping[str, Any]) -> Sequence[Tab]:
    """Lead to each status, with how many there are of it under the other filters."""
    of = {each["status"]: each for each in counts["data"]} | {EVERYTHING: counts}
    return [
        Tab(
            say(f"browsing.status_{status}"),
            listing.link(asks.changed("status", status)),
            asks.one("status") == status,
            _count(of[status]) if status in of else "",
        )
        for status in STATUSES
    ]


def _count(counted: Mapping[str, Any]) -> str:
    total = counted["total"]
    return listing.about(total) if counted["total_estimated"] else numbers.number(total)


def _chips(asks: Query, labels: Mapping[tuple[str, str], str]) -> Sequence[Chip]:
    """Write the filters that are set in words; the status is a tab and no chip."""
    return [
        Chip(
            say(f"browsing.chip_{name}", value=labels.get((name, value)) or _shown(name, value)),
            listing.link(asks.without(name, value)),
        )
        for name, value in asks.filters
        if name != "status"
    ]


def _options(asks: Query, name: str, things: Iterable[Mapping[str, Any]]) -> Sequence[Option]:
    """Offer things of the API, by their ids, to filter by."""
    ticked = asks.many(name)
    return [Option(each["id"], each["name"], each["id"] in ticked) for each in things]


def _shown(name: str, value: str) -> str:
    """Write the value of a filter; what kind it is its name says."""
    if name == "type":
        return say(f"browsing.type_{value}")
    if name.endswith(("_from", "_to")):
        return instants.day_of(date.fromisoformat(value))
    return numbers.number(int(value)) if name.endswith(("_min", "_max")) else value
