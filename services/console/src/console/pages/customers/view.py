"""What the list of customers shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Chip, Column
from console.design.words import say
from console.format import instants, numbers
from console.query import Query
from console.web import columns, listing
from console.web.listing import Pager

SORTS: Final = ("created_at",)
COLUMNS: Final = (
    Column("name", cut=True, card="title"),
    Column("email", cut=True),
    Column("source_id", cut=True),
    Column("orders", number=True, card="figure"),
    Column("redemptions", number=True),
    Column("created_at"),
)
NAMES: Final = (
    query.text("q"),
    query.order(SORTS, "-created_at"),
    query.size(),
    query.page(),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A customer in words; of whom nothing is known, the name that we gave."""

    id: str
    name: str
    email: str
    source_id: str
    orders: str
    redemptions: str
    created_at: str
    utc: str


@dataclass(frozen=True, slots=True)
class View:
    """The list as page.html draws it."""

    query: Query
    rows: Sequence[Row]
    columns: Sequence[Column]
    chips: tuple[Chip, ...]
    pager: Pager

    @property
    def is_new(self) -> bool:
        """Say whether there is nothing because no customer has come yet."""
        return not self.rows and not self.chips


def asked(asks: Query) -> dict[str, Any]:
    """Write a view as the API is asked for it: what is no id is a name."""
    return {
        "name": asks.one("q") or None,
        "order": asks.one("sort"),
        "limit": asks.one("limit"),
        "page": asks.one("page"),
    }


def view(asks: Query, answer: Mapping[str, Any], zone: ZoneInfo) -> View:
    found = answer["customers"]
    return View(
        query=asks,
        rows=[_row(each, zone) for each in found],
        columns=columns.headed(asks, COLUMNS, SORTS, words="customers"),
        chips=tuple(
            Chip(say("customers.chip", value=value), listing.link(asks.without(name, value)))
            for name, value in asks.filters
        ),
        pager=listing.pager(asks, len(found), answer["total"]),
    )


def _row(told: Mapping[str, Any], zone: ZoneInfo) -> Row:
    summary = told["summary"]
    return Row(
        id=told["id"],
        name=told["name"] or told["email"] or told["source_id"] or told["id"],
        email=told["email"] or "",
        source_id=told["source_id"] or "",
        orders=numbers.number(summary["orders"]["total_count"] or 0),
        redemptions=numbers.number(summary["redemptions"]["total_succeeded"] or 0),
        created_at=instants.moment(told["created_at"], zone),
        utc=instants.utc(told["created_at"]),
    )
