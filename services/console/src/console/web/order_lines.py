"""The lines of an order with what is taken off each, as they are read. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from console.design.parts import Column
from console.design.words import say
from console.format import money, numbers
from console.web import offers

COLUMNS: Final = ("thing", "quantity", "amount", "discount", "to_pay")
OF_DISCOUNTS: Final = frozenset({"discount", "to_pay"})


class OrderLine(NamedTuple):
    """A line in words; amounts are of the order's currency."""

    thing: str
    quantity: str
    amount: str
    discount: str
    to_pay: str


class Lines(NamedTuple):
    """The lines of an order, and what is said of each."""

    rows: Sequence[OrderLine]
    columns: Sequence[Column]


def lines(order: Mapping[str, Any] | None, currency: str) -> Lines:
    """Write the lines of an order; as its shop sent it, none has a discount.

    There are none where it was sent as an amount alone.
    """
    rows = [_line(each, currency) for each in (order or {}).get("items") or ()]
    has_discounts = any(row.discount for row in rows)
    return Lines(
        rows,
        [
            Column(key, say(f"order_lines.{key}", currency=currency), number=key != "thing")
            for key in COLUMNS
            if has_discounts or key not in OF_DISCOUNTS
        ],
    )


def _line(item: Mapping[str, Any], currency: str) -> OrderLine:
    discount = item.get("total_discount_amount", item.get("discount_amount"))
    return OrderLine(
        thing=_thing(item),
        quantity=_quantity(item),
        amount=money.money(item["amount"], currency),
        discount="" if discount is None else money.money(discount, currency),
        to_pay="" if discount is None else money.money(item["amount"] - discount, currency),
    )


def _thing(item: Mapping[str, Any]) -> str:
    if item.get("product_id") == offers.SHIPPING:
        return say("discounts.free_shipping")
    names = dict.fromkeys(filter(None, (item.get("product_id"), item.get("sku_id"))))
    return " · ".join(names) or item.get("source_id") or ""


def _quantity(item: Mapping[str, Any]) -> str:
    quantity, free = item.get("quantity", 1), item.get("discount_quantity") or 0
    if not free:
        return numbers.number(quantity)
    return say("order_lines.free", quantity=quantity, free=free)
