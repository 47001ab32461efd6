"""What the page of a product shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Column
from console.design.words import say
from console.format import instants
from console.query import Query
from console.web import changes, goods, listing
from console.web.listing import Pager

SHOWN: Final = 50
NAMES: Final = (query.size("50"), query.page())
COLUMNS: Final = ("name", "order_id", "price")

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sku:
    """A SKU; `order_id` is what orders call it."""

    id: str
    name: str
    order_id: str
    price: str


@dataclass(frozen=True, slots=True)
class View:
    """One product, its SKUs page by page."""

    id: str
    name: str
    facts: Sequence[Fact]
    metadata: Sequence[Fact]
    skus: Sequence[Sku]
    columns: tuple[Column, ...]
    pager: Pager


def view(
    asks: Query, told: Mapping[str, Any], skus: Mapping[str, Any], currency: str, zone: ZoneInfo
) -> View:
    price = goods.price(told, currency)
    facts = {
        "order_id": goods.ordered(told),
        "price_of": f"{price} {currency}" if price else "",
        "created_at": instants.moment(told["created_at"], zone),
        "id": told["id"],
    }
    rows = [_sku(each, currency) for each in skus[skus["data_ref"]]]
    return View(
        id=told["id"],
        name=goods.called(told),
        facts=[(say(f"goods.{name}"), text) for name, text in facts.items() if text],
        metadata=[(name, str(changes.text(value))) for name, value in told["metadata"].items()],
        skus=rows,
        columns=goods.columns(COLUMNS, currency),
        pager=listing.pager(asks, len(rows), skus["total"]),
    )


def _sku(told: Mapping[str, Any], currency: str) -> Sku:
    return Sku(told["id"], goods.called(told), goods.ordered(told), goods.price(told, currency))
