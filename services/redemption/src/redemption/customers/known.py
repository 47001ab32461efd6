"""Orders and customers as they are known, and an order after a redemption on it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from contracts.baskets import Order
from contracts.orders import OrderStatus
from redemption.customers.properties import Properties
from redemption.model import Request

BOUGHT: Final = frozenset({"PAID", "FULFILLED"})
IN_THE_LEDGER: Final = "null"  # the lines of the last redemption


class KnownOrder(NamedTuple):
    """An order as it is known; in revision 0 it is not yet.

    `counted_minor` is what entries of the ledger have shared of it, by now, and
    `returned_minor` says for how much of what was refunded of it that was rolled back.
    """

    customer_id: str | None
    status: OrderStatus
    amount_minor: int
    refunded_minor: int
    counted_minor: int
    currency: str | None
    paid_at: datetime | None  # for the first time
    created_at: datetime
    changed_at: datetime
    version: int | None  # the shop's, where it told one
    items: str | None  # JSON, to be kept from now on; None: those that are
    metadata: Mapping[str, Any] | None  # likewise
    revision: int
    returned_minor: int = 0

    @property
    def is_bought(self) -> bool:
        """Tell whether it counts for its customer."""
        return self.status in BOUGHT

    @property
    def spent_minor(self) -> int:
        """Return what of it counts as spent."""
        return max(0, self.amount_minor - self.refunded_minor)


class Ends(NamedTuple):
    """When a customer paid their first order and their last one."""

    first_paid_at: datetime | None
    last_paid_at: datetime | None


NEVER: Final = Ends(None, None)


class KnownCustomer(NamedTuple):
    """A customer as is known; in revision 0 not yet."""

    has_redeemed: bool = False
    paid_orders: int = 0
    spent_minor: int = 0
    first_paid_at: datetime | None = None
    first_order_id: str | None = None  # what was paid then
    last_paid_at: datetime | None = None
    created_at: datetime | None = None
    metadata: Mapping[str, Any] = MappingProxyType({})
    said_at: Mapping[str, int] = MappingProxyType({})  # each property of them
    revision: int = 0

    @property
    def properties(self) -> Properties:
        return Properties(self.metadata, self.said_at)

    @property
    def ends(self) -> Ends:
        return Ends(self.first_paid_at, self.last_paid_at)

    def is_end(self, order_id: str, order: KnownOrder) -> bool:
        """Tell whether an order of theirs may be what they paid first or last."""
        if order_id == self.first_order_id or order.paid_at is None or self.last_paid_at is None:
            return True
        return order.paid_at >= self.last_paid_at


def paid_by(request: Request, order: Order, before: KnownOrder | None) -> KnownOrder:
    """Return the order after a redemption on it; what is known of later stays as it is.

    It stays whose it was first. One that was cancelled is paid anew: nothing of that is refunded.
    """
    if before is None:
        return KnownOrder(
            customer_id=request.customer_id,
            status="PAID",
            amount_minor=order.amount_minor,
            refunded_minor=0,
            counted_minor=order.amount_minor,
            currency=order.currency,
            paid_at=request.at,
            created_at=request.at,
            changed_at=request.at,
            version=None,
            items=IN_THE_LEDGER,
            metadata=order.metadata or None,
            revision=0,
        )
    counted = max(before.counted_minor, order.amount_minor)
    paid_at = min(before.paid_at or request.at, request.at)
    if before.status != "CREATED" and request.at < before.changed_at:
        return before._replace(
            customer_id=before.customer_id or request.customer_id,
            paid_at=paid_at,
            counted_minor=counted,
            returned_minor=0,  # there is more to roll back
        )
    return KnownOrder(
        customer_id=before.customer_id or request.customer_id,
        status="FULFILLED" if before.status == "FULFILLED" else "PAID",
        amount_minor=order.amount_minor,
        refunded_minor=0 if before.status == "CANCELED" else before.refunded_minor,
        counted_minor=counted,
        currency=order.currency or before.currency,
        paid_at=paid_at,
        created_at=min(before.created_at, request.at),
        changed_at=request.at,
        version=before.version,
        items=IN_THE_LEDGER,
        metadata=order.metadata or None,
        revision=before.revision,
        returned_minor=0,
    )
