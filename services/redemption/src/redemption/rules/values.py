"""What a named condition finds in a case: a value, or what was not sent that it needs."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

from contracts.baskets import Item, Order
from contracts.redemptions import Reason
from contracts.rule_nodes import Node
from redemption.model import Case

USERS: Final = "user_"
TOPICS: Final = "coupons."


class Situation(NamedTuple):
    """A case, and what the code takes off what is left of its order."""

    case: Case
    discount_minor: int


class Missing(NamedTuple):
    """What a condition needs was not sent: whether it holds is not known."""

    reason: Reason
    what: str


NO_ORDER: Final = Missing(Reason.MISSING_ORDER, "order")
NO_ITEMS: Final = Missing(Reason.MISSING_ORDER_ITEMS, "order_items")
NO_CUSTOMER: Final = Missing(Reason.MISSING_CUSTOMER, "customer")

Find: TypeAlias = Callable[[Situation], object]


def finder(node: Node) -> Find:
    """Return what finds the value of a condition, or a `Missing`."""
    subject = node.name.partition(".")[0]
    value = _values(node)[node.name]
    match subject:
        case "order" if node.name.startswith("order.items."):
            return lambda of: missing_items(of) or value(of)
        case "order":
            return lambda of: value(of) if of.case.request.order is not None else NO_ORDER
        case "customer":
            return lambda of: value(of) if of.case.request.customer_id else NO_CUSTOMER
        case _:
            return value


def price_of(item: Item) -> int | float:
    """Return what one piece costs; of a line of none, the line."""
    amount, pieces = item.amount_minor, item.quantity or 1
    return amount // pieces if amount % pieces == 0 else amount / pieces


def items_of(situation: Situation) -> tuple[Item, ...]:
    order = situation.case.request.order
    return () if order is None else order.items


def missing_items(situation: Situation) -> Missing | None:
    """Return what is missing where a condition is about lines."""
    if items_of(situation):
        return None
    return NO_ORDER if situation.case.request.order is None else NO_ITEMS


def channel_of(caller: str) -> str:
    """Return by what way a request came: with a key, by a person, or by a topic."""
    if caller.startswith(TOPICS):
        return "KAFKA"
    return "USER" if caller.startswith(USERS) else "API"


def _values(node: Node) -> Mapping[str, Find]:
    name = node.property or ""
    return {
        "order.amount": _amount,
        "order.initial_amount": _amount,
        "order.total_amount": _amount_after,
        "order.metadata": lambda of: _order(of).metadata.get(name),
        "order.items.count": lambda of: sum([item.quantity for item in items_of(of)]),
        "order.items.price_any": lambda of: [price_of(item) for item in items_of(of)],
        "order.items.price_each": lambda of: [price_of(item) for item in items_of(of)],
        "order.items.metadata_any": lambda of: [i.metadata.get(name) for i in items_of(of)],
        "order.items.metadata_each": lambda of: [i.metadata.get(name) for i in items_of(of)],
        "customer.segment": lambda of: of.case.segments,
        "customer.is_new": lambda of: of.case.customer is None or of.case.customer.is_new,
        "customer.metadata": lambda of: _customer_metadata(of.case, name),
        "redemption.metadata": lambda of: of.case.request.metadata.get(name),
        "redemption.api_key": lambda of: of.case.request.caller,
        "redemption.channel": lambda of: channel_of(of.case.request.caller),
    }


def _amount(of: Situation) -> int:
    return _order(of).amount_minor


def _amount_after(of: Situation) -> int:
    """Return what is to pay after this code, and those before it."""
    left = of.case.order_left_minor
    return (_order(of).amount_minor if left is None else left) - of.discount_minor


def _order(of: Situation) -> Order:
    order = of.case.request.order
    assert order is not None  # noqa: S101 - `finder` asks only then
    return order


def _customer_metadata(case: Case, name: str) -> object:
    """Return what was sent just now, else what is kept: a redemption writes the former."""
    sent = case.request.customer
    if sent is not None and name in sent.metadata:
        return sent.metadata[name]
    return None if case.customer is None else case.customer.metadata.get(name)
