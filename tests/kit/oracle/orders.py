"""Orders and customers: what is told last holds, and all figures are counted anew each time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from kit.oracle.terms import Segment, Wish, Word

LIFE = ["CREATED", "PAID", "FULFILLED", "CANCELED"]
BOUGHT = {"PAID", "FULFILLED"}


class TooMuchRefundedError(Exception):
    """More is told to be refunded than the order comes to."""


@dataclass(frozen=True)
class Order:
    """An order as it is known; of one that nobody told of there is none."""

    changed_at: datetime
    customer: str | None = None
    status: str = "CREATED"
    amount: int = 0
    refunded: int = 0
    paid_at: datetime | None = None
    version: int | None = None

    @property
    def is_bought(self) -> bool:
        return self.status in BOUGHT


class Figures(NamedTuple):
    """What a customer did."""

    paid_orders: int
    spent: int
    first_paid_at: datetime | None
    last_paid_at: datetime | None


def told(before: Order | None, word: Word) -> Order:
    """Return an order after a word: all of it where that is the last one, else what is kept."""
    order = before or Order(changed_at=word.at)
    if before is not None and not _is_later(word, before):
        return _whose_and_since_when(before, word)
    amount = order.amount if word.amount is None else word.amount
    refunded = _refunded(order, word)
    if refunded > amount and word.refunded is not None:
        raise TooMuchRefundedError
    status = _said(word) or order.status
    # A version of what was but created says nothing of what comes after.
    kept_version = None if order.status == "CREATED" != status else order.version
    return replace(
        _whose_and_since_when(order, word),
        status="CANCELED" if 0 < amount <= refunded else status,
        amount=amount,
        refunded=refunded,
        changed_at=word.at,
        version=kept_version if word.version is None else word.version,
    )


def redeemed_on(before: Order | None, wish: Wish) -> Order:
    """Return an order after a redemption, which says that it is paid."""
    amount = wish.amount or 0
    if before is None:
        return Order(wish.at, wish.customer, "PAID", amount, paid_at=wish.at)
    kept = replace(
        before,
        customer=before.customer or wish.customer,
        paid_at=min(before.paid_at or wish.at, wish.at),
    )
    if wish.at < before.changed_at and kept.status != "CREATED":
        return kept
    return replace(
        kept,
        status="FULFILLED" if kept.status == "FULFILLED" else "PAID",
        amount=amount,
        refunded=0 if kept.status == "CANCELED" else kept.refunded,
        changed_at=wish.at,
    )


def figures(orders: Mapping[str, Order], customer: str, but: str | None = None) -> Figures:
    """Count what a customer has bought, this one order left out."""
    own = [
        order
        for order_id, order in orders.items()
        if order.customer == customer and order.is_bought and order_id != but
    ]
    paid = [order.paid_at for order in own if order.paid_at is not None]
    return Figures(
        len(own),
        sum(max(0, order.amount - order.refunded) for order in own),
        min(paid, default=None),
        max(paid, default=None),
    )


def is_in(segment: Segment, customer: str, facts: Figures, *, is_new: bool) -> bool:
    if segment.members is not None:
        return customer in segment.members
    if segment.spent is not None:
        return facts.spent >= segment.spent
    return is_new == segment.is_new


def _is_later(word: Word, known: Order) -> bool:
    refunded, amount = word.refunded or 0, word.amount or 0
    status = "CANCELED" if 0 < amount <= refunded else _said(word) or known.status
    if status != known.status and "CREATED" in {status, known.status}:
        return known.status == "CREATED"
    if word.version is not None and known.version is not None:
        return word.version > known.version
    return (word.at, LIFE.index(status), refunded, amount) > (
        known.changed_at,
        LIFE.index(known.status),
        known.refunded,
        known.amount,
    )


def _said(word: Word) -> str | None:
    """Return what is said of the status: by HTTP, where one tells of now, "created" is nothing."""
    return None if word.by_http and word.status == "CREATED" else word.status


def _refunded(order: Order, word: Word) -> int:
    if word.refunded is not None:
        return word.refunded
    is_paid_anew = order.status == "CANCELED" and word.status in BOUGHT
    return 0 if is_paid_anew else order.refunded


def _whose_and_since_when(order: Order, word: Word) -> Order:
    paid_at = order.paid_at
    if word.status in BOUGHT:
        paid_at = min(paid_at or word.at, word.at)
    return replace(order, customer=order.customer or word.customer, paid_at=paid_at)
