"""What the list of rules shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Column
from console.format import numbers
from console.query import Query
from console.web import columns, listing, rules
from console.web.conditions import Reader
from console.web.listing import Pager

SORTS: Final = ("name", "created_at")
NAMES: Final = (query.order(SORTS, "-created_at"), query.size(), query.page())
COLUMNS: Final = (
    Column("name", cut=True, card="title"),
    Column("wants"),
    Column("used", number=True, card="figure"),
    Column("created_at"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A rule as a sentence, and how many campaigns and codes keep it."""

    id: str
    name: str
    wants: str
    used: str
    created_at: str


@dataclass(frozen=True, slots=True)
class View:
    rows: Sequence[Row]
    columns: tuple[Column, ...]
    pager: Pager


def asked(asks: Query) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    return {
        "order": asks.one("sort"),
        "limit": asks.one("limit"),
        "page": asks.one("page"),
    }


def view(asks: Query, answer: Mapping[str, Any], reader: Reader) -> View:
    rows = [
        Row(
            each["id"],
            each["name"],
            rules.sentence(each, reader),
            numbers.number(each["assignments_count"]),
            each["created_at"],
        )
        for each in answer[answer["data_ref"]]
    ]
    shown = columns.headed(asks, COLUMNS, SORTS, words="rules")
    return View(rows, shown, listing.pager(asks, len(rows), answer["total"]))
