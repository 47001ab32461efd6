"""An order as a shop tells of it: what that is to what is known. Pure.

Told is all of it each time: the latest holds, and of whatever came late only when the order was
made, and first paid. "Created" is earlier than all else, whenever it is told: what was paid stays
paid until it is cancelled. So repeats and any order of arrival come to the same.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from pydantic import BaseModel

from contracts.baskets import Customer, Item
from contracts.orders import OrderChanged, OrderStatus
from redemption.customers.known import BOUGHT, KnownOrder
from redemption.model import CustomerKey, OrderKey

# Of two at one instant: what comes later in an order's life.
RANKS: Final[Mapping[OrderStatus, int]] = {"CREATED": 0, "PAID": 1, "FULFILLED": 2, "CANCELED": 3}


class Told(NamedTuple):
    """What was told of an order at a moment; None is "as it was".

    `items` are JSON, as the contract writes them.
    """

    key: OrderKey
    at: datetime
    status: OrderStatus | None = None
    amount_minor: int | None = None
    refunded_minor: int | None = None
    currency: str | None = None
    customer_id: str | None = None
    customer: Customer | None = None
    items: str | None = None
    metadata: Mapping[str, Any] | None = None
    version: int | None = None
    paid_at: datetime | None = None

    @property
    def customer_key(self) -> CustomerKey | None:
        return None if self.customer_id is None else (self.key[0], self.customer_id)


class RefundedTooMuchError(ValueError):
    """More is told to be refunded than the order comes to."""


def told_by(event: OrderChanged, customer_id: str | None) -> Told:
    """Return what an event tells."""
    order = event.data
    all_is_told = order.amount_minor is not None
    return Told(
        key=(event.projectid, order.order_id),
        at=event.time,
        status=order.status,
        amount_minor=order.amount_minor,
        refunded_minor=order.refunded_minor if all_is_told else None,
        currency=order.currency,
        customer_id=customer_id,
        customer=order.customer,
        items=written(order.items) if all_is_told else None,
        metadata=order.metadata if all_is_told else None,
        version=order.version,
        paid_at=order.paid_at,
    )


def written(items: tuple[Item, ...]) -> str:
    """Write lines down as they are kept."""
    lines: list[Any] = list(items)  # of a request they are twins, which write themselves
    if lines and isinstance(lines[0], BaseModel):
        lines = [item.model_dump(mode="json", exclude_defaults=True) for item in items]
    return msgspec.json.encode(lines).decode()


def order_after(before: KnownOrder | None, told: Told) -> KnownOrder:
    """Return the order after what was told; `before` itself where that changes nothing.

    Raises RefundedTooMuchError; an event, which tells the amount too, was checked when it was read.
    """
    if before is None:
        before = KnownOrder(
            customer_id=None,
            status="CREATED",
            amount_minor=0,
            refunded_minor=0,
            counted_minor=0,
            currency=None,
            paid_at=None,
            created_at=told.at,
            changed_at=told.at,
            version=None,
            items=None,
            metadata=None,
            revision=0,
        )
    elif not is_later(told, before):
        return _late(before, told)
    amount = before.amount_minor if told.amount_minor is None else told.amount_minor
    status = told.status or before.status
    refunded = told.refunded_minor
    if refunded is None:
        paid_anew = before.status == "CANCELED" and told.status in BOUGHT
        refunded = 0 if paid_anew else before.refunded_minor
    elif refunded > amount:
        raise RefundedTooMuchError(f"is more than the order, {amount}")
    rises = before.status == "CREATED" != status  # versions of what was created say nothing of it
    if 0 < amount <= refunded:
        status = "CANCELED"
    as_it_was = (status, amount, refunded) == (
        before.status,
        before.amount_minor,
        before.refunded_minor,
    )
    return KnownOrder(
        customer_id=before.customer_id or told.customer_id,
        status=status,
        amount_minor=amount,
        refunded_minor=refunded,
        counted_minor=before.counted_minor,
        currency=told.currency or before.currency,
        paid_at=_first_paid(before, told),
        created_at=min(before.created_at, told.at),
        changed_at=told.at,
        version=told.version if told.version is not None or rises else before.version,
        items=told.items if told.items is not None else before.items,
        metadata=told.metadata if told.metadata is not None else before.metadata,
        revision=before.revision,
        returned_minor=before.returned_minor if as_it_was else 0,  # of another amount: more
    )


def is_later(told: Told, known: KnownOrder) -> bool:
    """Tell whether what was told holds from now on, for it is newer than what is known."""
    refunded, amount = told.refunded_minor or 0, told.amount_minor or 0
    status = "CANCELED" if 0 < amount <= refunded else told.status or known.status
    if "CREATED" in {status, known.status} and status != known.status:
        return known.status == "CREATED"
    if told.version is not None and known.version is not None:
        return told.version > known.version
    return (
        told.at,
        RANKS[status],
        refunded,
        amount,
    ) > (known.changed_at, RANKS[known.status], known.refunded_minor, known.amount_minor)


def _first_paid(known: KnownOrder, told: Told) -> datetime | None:
    if told.status not in BOUGHT:
        return known.paid_at
    paid_at = told.paid_at or told.at
    return paid_at if known.paid_at is None else min(known.paid_at, paid_at)


def _late(known: KnownOrder, told: Told) -> KnownOrder:
    """Return what is known, with what holds whenever it is told."""
    after = known._replace(
        customer_id=known.customer_id or told.customer_id,
        paid_at=_first_paid(known, told),
        created_at=min(known.created_at, told.at),
    )
    return known if after == known else after
