"""What the list of collections shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Column, Tab
from console.format import numbers
from console.query import Query
from console.web import goods, listing
from console.web.listing import Pager

NAMES: Final = (query.size(), query.page())
COLUMNS: Final = ("name", "count", "created_at")


@dataclass(frozen=True, slots=True)
class Row:
    """A collection, and how many products and SKUs it holds."""

    id: str
    name: str
    count: str
    created_at: str


@dataclass(frozen=True, slots=True)
class View:
    """Collections, the newest first."""

    tabs: tuple[Tab, ...]
    rows: Sequence[Row]
    columns: tuple[Column, ...]
    pager: Pager


def view(asks: Query, answer: Mapping[str, Any], project: str) -> View:
    rows = [
        Row(each["id"], each["name"], numbers.number(each["products_count"]), each["created_at"])
        for each in answer[answer["data_ref"]]
    ]
    return View(
        goods.tabs(project, "collections"),
        rows,
        goods.columns(COLUMNS, ""),
        listing.pager(asks, len(rows), answer["total"]),
    )
