"""The coupon browser: what the lists of campaigns and of codes share of their views. Pure.

A list shows what is live unless another status is asked for; `all` is everything but the bin. A
filter that the API takes is a line in FILTERS and one in `asked`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Chip, Column, Option, Tab
from console.design.words import say
from console.format import instants, numbers
from console.query import Name, Query
from console.web import listing

ENDING: Final = "ending"
EVERYTHING: Final = "all"
LIVE: Final = "live"
ENDING_DAYS: Final = 7
STATUSES: Final = (
    LIVE,
    "scheduled",
    ENDING,
    "used_up",
    "expired",
    "disabled",
    EVERYTHING,
    "in_bin",
)
TYPES: Final = ("PERCENT", "AMOUNT")
FIRST_MOMENT: Final = timedelta(milliseconds=1)  # `after` is what follows it

FILTERS: Final[tuple[Name, ...]] = (
    query.text("q"),
    query.choice("status", STATUSES, usual=LIVE),
    query.choice("type", TYPES, many=True),
    query.text("partner", many=True),
    query.text("category", many=True),
    query.text("channel", many=True),
    query.day("start_from"),
    query.day("start_to"),
    query.day("created_from"),
    query.day("created_to"),
    query.whole("redeemed_min"),
    query.whole("redeemed_max"),
    query.text("meta"),
)
# Of the API's lists: who filters by whom is one's own choice of words.
_IDS: Final = {"type": "discount_type", "partner": "partner_id", "category": "category_id"}
_DAYS: Final = {"start": "start_date", "created": "created_at"}

Labels = Mapping[tuple[str, str], str]
Things = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """What the API was asked and says of a list: rows, counts, and what there is to filter by."""

    asked: Mapping[str, Any]
    answer: Mapping[str, Any]
    counts: Mapping[str, Any]
    partners: Things
    categories: Things
    campaigns: Things = ()

    @property
    def labels(self) -> Labels:
        """Return what the ids that are filtered by are called."""
        kinds = (("partner", self.partners), ("category", self.categories))
        every = (*kinds, ("campaign", self.campaigns))
        return {(name, each["id"]): each["name"] for name, found in every for each in found}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a list is written: when, where, in which money, with which columns."""

    now: datetime
    zone: ZoneInfo
    currency: str
    columns: Sequence[str]


def names(own: Sequence[Name], sorts: Iterable[str], columns: Iterable[str]) -> tuple[Name, ...]:
    """Return a list's names: the shared filters, its own, and how it is laid out."""
    return (
        *FILTERS,
        *own,
        query.order(sorts, "-created_at"),
        query.columns(columns),
        query.size(),
        query.page(),
        query.cursor("after"),
    )


def asked(asks: Query, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Write the filters and the order as the API's lists take them."""
    found: dict[str, Any] = {"search": asks.one("q") or None, "order": asks.one("sort")}
    found |= _status(asks.one("status"), now)
    found |= {api: list(asks.many(ours)) or None for ours, api in _IDS.items()}
    found["channel"] = list(asks.many("channel")) or None
    for ours, api in _DAYS.items():
        if first := asks.one(f"{ours}_from"):
            begin = instants.begin_of(date.fromisoformat(first), zone) - FIRST_MOMENT
            found[f"{api}[after]"] = _instant(begin)
        if last := asks.one(f"{ours}_to"):
            found[f"{api}[before]"] = _instant(instants.end_of(date.fromisoformat(last), zone))
    for ours, operator in (("min", "$more_than_equal"), ("max", "$less_than_equal")):
        if count := asks.one(f"redeemed_{ours}"):
            found[f"filters[redemptions][conditions][{operator}]"] = count
    if meta := asks.one("meta"):
        key, has_value, value = meta.partition("=")
        operator, wanted = ("$is", value.strip()) if has_value else ("$has_value", "true")
        found[f"filters[metadata.{key.strip()}][conditions][{operator}]"] = wanted
    return {name: value for name, value in found.items() if value is not None}


def as_filter(asked: Mapping[str, Any]) -> str:
    """Write what a list was asked as the filter of a job over all that matches it."""
    return urlencode({n: v for n, v in asked.items() if n != "order"}, doseq=True)


def place(asks: Query) -> dict[str, Any]:
    """Write which rows: a page by its number, or those after a cursor."""
    after = asks.one("after")
    found: dict[str, Any] = {"limit": asks.one("limit")}
    return found | ({"cursor": after} if after else {"page": asks.one("page")})


def tabs(asks: Query, counts: Mapping[str, Any]) -> tuple[Tab, ...]:
    """Lead to each status, with how many there are of it under the other filters."""
    of = {each["status"]: each for each in counts["data"]} | {EVERYTHING: counts}
    return tuple(
        Tab(
            say(f"browsing.status_{status}"),
            listing.link(asks.changed("status", status)),
            asks.one("status") == status,
            _count(of[status]) if status in of else "",
        )
        for status in STATUSES
    )


def elsewhere(asks: Query, counts: Mapping[str, Any]) -> int:
    """Say how many match in other statuses than the one that is shown."""
    return int(counts["total"]) if asks.one("status") != EVERYTHING else 0


def chips(asks: Query, labels: Labels) -> tuple[Chip, ...]:
    """Write the filters that are set in words; the status is a tab and no chip."""
    return tuple(
        Chip(
            say(f"browsing.chip_{name}", value=_shown(name, value, labels)),
            listing.link(asks.without(name, value)),
        )
        for name, value in asks.filters
        if name != "status"
    )


def options(asks: Query, name: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Option, ...]:
    """Offer things of the API, by their ids, to filter by."""
    chosen = asks.many(name)
    return tuple(Option(row["id"], row["name"], row["id"] in chosen) for row in rows)


def types(asks: Query) -> tuple[Option, ...]:
    return tuple(
        Option(each, say(f"browsing.type_{each}"), each in asks.many("type")) for each in TYPES
    )


def usual(
    own: Sequence[str], known: Mapping[str, Column], otherwise: Sequence[str]
) -> Sequence[str]:
    """Return a list's columns unless others are asked for: one's own, as far as it has them."""
    return [each for each in own if each in known] or otherwise


def columns(
    asks: Query, known: Mapping[str, Column], usual: Sequence[str], sorts: Iterable[str]
) -> tuple[Column, ...]:
    """Return the columns of a view, in the list's order, with the links that sort by them."""
    wanted = set(asks.many("cols") or usual)
    sortable = frozenset(sorts)
    return tuple(
        Column(
            key,
            column.label,
            column.number,
            column.cut,
            column.card,
            listing.link(asks.to_sort(key)) if key in sortable else None,
            asks.sorted_by(key) or "",
        )
        for key, column in known.items()
        if key in wanted
    )


def exported(answer: Mapping[str, Any]) -> str:
    """Write on the button how many rows an export has."""
    return say("browsing.export", n=answer["total"])


def _status(status: str, now: datetime) -> dict[str, Any]:
    if status == EVERYTHING:
        return {}
    if status != ENDING:
        return {"status": [status]}
    soon = now + timedelta(days=ENDING_DAYS)
    return {"status": [LIVE], "expiration_date[before]": _instant(soon)}


def _count(told: Mapping[str, Any]) -> str:
    total = told["total"]
    return listing.about(total) if told["total_estimated"] else numbers.number(total)


def _shown(name: str, value: str, labels: Labels) -> str:
    if (name, value) in labels:
        return labels[name, value]
    return _WRITTEN[name](value) if name in _WRITTEN else value


def _day(value: str) -> str:
    return instants.day_of(date.fromisoformat(value))


_WRITTEN: Final[Mapping[str, Callable[[str], str]]] = {
    "type": lambda value: say(f"browsing.type_{value}"),
    "start_from": _day,
    "start_to": _day,
    "created_from": _day,
    "created_to": _day,
    "redeemed_min": lambda value: numbers.number(int(value)),
    "redeemed_max": lambda value: numbers.number(int(value)),
}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
