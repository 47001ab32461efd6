"""What the list of products shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console import query
from console.design.parts import Column, Tab
from console.query import Query
from console.web import goods, listing
from console.web.listing import Pager

NAMES: Final = (query.text("id"), query.size(), query.page())
COLUMNS: Final = ("name", "order_id", "price", "created_at")


@dataclass(frozen=True, slots=True)
class Row:
    """A product; `order_id` is what orders call it."""

    id: str
    name: str
    order_id: str
    price: str
    created_at: str


@dataclass(frozen=True, slots=True)
class View:
    """Products, the newest first; `sought` is an id that no product has."""

    tabs: tuple[Tab, ...]
    sought: str
    rows: Sequence[Row]
    columns: tuple[Column, ...]
    pager: Pager


def view(asks: Query, answer: Mapping[str, Any], project: str, currency: str) -> View:
    rows = [_row(each, currency) for each in answer[answer["data_ref"]]]
    return View(
        goods.tabs(project, "products"),
        asks.one("id"),
        rows,
        goods.columns(COLUMNS, currency),
        listing.pager(asks, len(rows), answer["total"]),
    )


def _row(product: Mapping[str, Any], currency: str) -> Row:
    return Row(
        product["id"],
        goods.called(product),
        goods.ordered(product),
        goods.price(product, currency),
        product["created_at"],
    )
