"""An order as lists and pages write it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.design.parts import Column
from console.design.words import say
from console.format import instants, money

# How the statuses of the API are drawn: shape and tone of `status`.
LOOKS: Final[Mapping[str, str]] = {
    "CREATED": "pending",
    "PAID": "paid",
    "FULFILLED": "done",
    "CANCELED": "revoked",
}
COLUMNS: Final = ("at", "order", "status", "amount", "discount", "to_pay", "customer")
NUMBERS: Final = frozenset({"amount", "discount", "to_pay"})
CARDS: Final[Mapping[str, Any]] = {"order": "title", "status": "status", "amount": "figure"}


@dataclass(frozen=True, slots=True)
class Order:
    """An order in words; amounts are of its currency."""

    id: str
    name: str  # by which the shop knows it
    at: str
    utc: str
    look: str
    word: str
    amount: str
    discount: str
    to_pay: str
    currency: str
    customer_id: str
    customer: str


def written(told: Mapping[str, Any], zone: ZoneInfo, project_currency: str) -> Order:
    """Write one of the API's."""
    currency = told.get("currency") or project_currency
    at = told["created_at"]
    amount = told.get("amount") or 0
    discount = told.get("total_discount_amount") or told.get("discount_amount") or 0
    customer = told.get("customer") or {}
    customer_id = told.get("customer_id") or customer.get("id") or ""
    return Order(
        id=told["id"],
        name=told.get("source_id") or told["id"],
        at=instants.moment(at, zone),
        utc=instants.utc(at),
        look=LOOKS[told["status"]],
        word=say(f"orders.{told['status']}"),
        amount=money.money(amount, currency),
        discount=money.money(discount, currency) if discount else "",
        to_pay=money.money(amount - discount, currency),
        currency=currency,
        customer_id=customer_id,
        customer=called(customer) or customer_id,
    )


def called(customer: Mapping[str, Any]) -> str:
    """Return what a customer is called, by the best that is known."""
    names = (customer.get(name) for name in ("name", "email", "source_id", "id"))
    return next(filter(None, names), "")


def columns(keys: Sequence[str], currency: str) -> tuple[Column, ...]:
    return tuple(
        Column(
            key,
            say(f"orders.{key}", of=currency),
            number=key in NUMBERS,
            cut=key in {"order", "customer"},
            card=CARDS.get(key, "rest"),
        )
        for key in keys
    )
