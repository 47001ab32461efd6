"""What the page of a collection shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Column
from console.design.words import say
from console.format import instants, numbers
from console.query import Query
from console.web import goods, listing
from console.web.listing import Pager

SHOWN: Final = 50
NAMES: Final = (query.size("50"), query.page())
COLUMNS: Final = ("name", "order_id", "kind")

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A product or a SKU; `product` is the one whose page it has."""

    id: str
    name: str
    order_id: str
    kind: str
    product: str


@dataclass(frozen=True, slots=True)
class View:
    """One collection, what it holds page by page."""

    id: str
    name: str
    facts: Sequence[Fact]
    rows: Sequence[Row]
    columns: tuple[Column, ...]
    pager: Pager


def view(asks: Query, told: Mapping[str, Any], holds: Mapping[str, Any], zone: ZoneInfo) -> View:
    facts = {
        "count": numbers.number(told["products_count"]),
        "created_at": instants.moment(told["created_at"], zone),
        "id": told["id"],
    }
    rows = [_row(each) for each in holds[holds["data_ref"]]]
    return View(
        id=told["id"],
        name=told["name"],
        facts=[(say(f"goods.{name}"), text) for name, text in facts.items()],
        rows=rows,
        columns=goods.columns(COLUMNS, ""),
        pager=listing.pager(asks, len(rows), holds["total"]),
    )


def _row(told: Mapping[str, Any]) -> Row:
    return Row(
        told["id"],
        goods.called(told),
        goods.ordered(told),
        say(f"goods.kind_{told['object']}"),
        told["product_id"] or told["id"],
    )
