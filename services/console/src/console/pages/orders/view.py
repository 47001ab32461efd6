"""What the list of orders shows, of what the API says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import query
from console.design.parts import Chip, Column
from console.design.words import say
from console.query import Query
from console.web import columns, listing, orders
from console.web.listing import Pager
from console.web.orders import Order

SORTS: Final = {"at": "created_at"}
NAMES: Final = (
    query.text("q"),
    query.text("customer"),
    query.order(SORTS, "-at"),
    query.size(),
    query.page(),
)


@dataclass(frozen=True, slots=True)
class View:
    """The list as page.html draws it."""

    query: Query
    rows: Sequence[Order]
    columns: Sequence[Column]
    chips: tuple[Chip, ...]
    pager: Pager

    @property
    def is_new(self) -> bool:
        """Say whether there is nothing because no order has come yet."""
        return not self.rows and not self.chips


def asked(asks: Query) -> dict[str, Any]:
    """Write a view as the API is asked for it."""
    return {
        "customer": asks.one("customer") or None,
        "order": ("-" if asks.one("sort") == "-at" else "") + SORTS["at"],
        "limit": asks.one("limit"),
        "page": asks.one("page"),
    }


def view(asks: Query, answer: Mapping[str, Any] | None, zone: ZoneInfo, currency: str) -> View:
    """`answer` is None where an order was named that nobody knows."""
    found = answer["orders"] if answer is not None else ()
    total = answer["total"] if answer is not None else 0
    return View(
        query=asks,
        rows=[orders.written(each, zone, currency) for each in found],
        columns=columns.linked(asks, orders.columns(orders.COLUMNS, currency), SORTS),
        chips=tuple(
            Chip(say(f"orders.chip_{name}", value=value), listing.link(asks.without(name, value)))
            for name, value in asks.filters
        ),
        pager=listing.pager(asks, len(found), total),
    )
