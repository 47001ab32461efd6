"""What was bought: orders and customers as a batch read them, moved on by what it accepts. Pure.

A redemption with an order's id says that this order is paid. What it comes to is counted once for
each order, however many requests redeem on it: a later one counts what the order has grown by.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.baskets import Customer
from redemption.customers.known import NEVER, Ends, KnownCustomer, KnownOrder, paid_by
from redemption.customers.properties import NONE_YET, Properties
from redemption.model import CustomerFacts, CustomerKey, OrderKey, Request


@dataclass(slots=True)
class Change:
    """What is added to a customer; who was read must be in that revision still."""

    seen_at: datetime  # last
    seen_since: datetime
    as_read: int | None = None
    redemption_id: UUID | None = None
    paid_orders: int = 0
    spent_minor: int = 0
    first_paid_at: datetime | None = None
    first_order_id: str | None = None
    last_paid_at: datetime | None = None
    source_id: str | None = None
    name: str | None = None
    named_at: datetime | None = None
    email: str | None = None
    email_at: datetime | None = None
    properties: Properties | None = None  # where some were said: all, or those of who was not read


@dataclass(slots=True)
class Purchases:
    """What a batch's requests are about.

    Every order that they name is there if it is known, and every customer whose past matters or of
    whom metadata are said: who is remembered to have redeemed need not be. `others` are the ends of
    what customers paid but for one order, of those that are first or last. `kept` and `changes` are
    what is to be written, and `bereft` whose first and last orders must be found anew.
    """

    orders: dict[OrderKey, KnownOrder] = field(default_factory=dict)
    customers: dict[CustomerKey, KnownCustomer] = field(default_factory=dict)
    others: dict[CustomerKey, dict[str, Ends]] = field(default_factory=dict)
    kept: dict[OrderKey, KnownOrder] = field(default_factory=dict)
    changes: dict[CustomerKey, Change] = field(default_factory=dict)
    bereft: set[CustomerKey] = field(default_factory=set)

    def growth_of(self, request: Request) -> int:
        """Return what of the request's order was not counted before."""
        order = request.order
        if order is None:
            return 0
        known = self._order_of(request)
        counted = 0 if known is None else known.counted_minor
        return max(0, order.amount_minor - counted)

    def customer_of(self, request: Request) -> CustomerFacts | None:
        """Return what the customer did before this order; None of whom nobody asked about."""
        customer_id = request.customer_id
        if customer_id is None:
            return None
        key = (request.project_id, customer_id)
        known = self.customers.get(key)
        if known is None:
            return None
        paid, spent, ends = known.paid_orders, known.spent_minor, known.ends
        order = self._order_of(request)
        if order is not None and order.is_bought and order.customer_id == customer_id:
            paid, spent = paid - 1, spent - order.spent_minor
            ends = self._ends_but_for(request, key, known) if paid else NEVER
        first_paid_at, last_paid_at = ends
        return CustomerFacts(
            paid,
            spent,
            first_paid_at,
            last_paid_at,
            known.created_at,
            known.metadata,
            is_new=not known.has_redeemed
            and (first_paid_at is None or first_paid_at >= request.at),
        )

    def ends_to_find(self, requests: Iterable[Request]) -> set[tuple[str, str, str]]:
        """Name (project, customer, order) where facts must leave out an order that is an end."""
        return {
            (request.project_id, request.customer_id, request.order.id)
            for request in requests
            if request.customer_id is not None
            and request.order is not None
            and request.order.id is not None
            and (order := self._order_of(request)) is not None
            and order.is_bought
            and order.customer_id == request.customer_id
            and (known := self.customers.get((request.project_id, request.customer_id)))
            and known.paid_orders > 1
            and known.is_end(request.order.id, order)
        }

    def _ends_but_for(self, request: Request, key: CustomerKey, known: KnownCustomer) -> Ends:
        order = request.order
        found = self.others.get(key, {}).get(order.id) if order and order.id else None
        return known.ends if found is None else found

    def accept(self, request: Request, redemption_id: UUID) -> bool:
        """Count what is redeemed; tell whether that has won a customer who is new."""
        customer = self.customer_of(request)
        if customer is not None and request.customer_id is not None:
            key = (request.project_id, request.customer_id)
            change = self._change_of(key, request.at)
            if not self.customers[key].has_redeemed:
                change.redemption_id = redemption_id
                self.customers[key] = self.customers[key]._replace(has_redeemed=True)
        if request.order is not None and request.order.id is not None:
            key = (request.project_id, request.order.id)
            self.keep(key, paid_by(request, request.order, self.orders.get(key)))
        if request.customer_id is not None and request.customer is not None:
            self.meet((request.project_id, request.customer_id), request.customer, request.at)
        return customer is not None and customer.is_new

    @property
    def redeemers(self) -> list[CustomerKey]:
        """Name those of the customers here who have redeemed by now."""
        return [key for key, known in self.customers.items() if known.has_redeemed]

    def give_back(self, key: OrderKey, order_minor: int) -> None:
        """Let what counted of an order count again, because it was rolled back."""
        known = self.orders.get(key)
        if known is not None:
            counted = known.counted_minor - order_minor
            self.orders[key] = self.kept[key] = known._replace(counted_minor=counted)

    def _order_of(self, request: Request) -> KnownOrder | None:
        order = request.order
        if order is None or order.id is None:
            return None
        return self.orders.get((request.project_id, order.id))

    def meet(self, key: CustomerKey, customer: Customer, at: datetime) -> None:
        """Keep what is said of a customer, unless that is nothing of one who is known."""
        known = self.customers.get(key)
        is_first_seen = known is not None and known.revision == 0
        says_more = customer.name or customer.email or customer.metadata
        if says_more or is_first_seen or key in self.changes:
            change = self._change_of(key, at)
            change.source_id = customer.source_id or change.source_id
            if customer.name and (change.named_at is None or at >= change.named_at):
                change.name, change.named_at = customer.name, at
            if customer.email and (change.email_at is None or at >= change.email_at):
                change.email, change.email_at = customer.email, at
            if customer.metadata:
                before = (change.properties or NONE_YET) if known is None else known.properties
                after = change.properties = before.after(customer.metadata, at)
                if known is not None:
                    self.customers[key] = known._replace(
                        metadata=after.values, said_at=after.said_at
                    )

    def keep(self, key: OrderKey, after: KnownOrder) -> None:
        """Keep an order as it is now, and what that is to its customer."""
        before = self.orders.get(key)
        self.orders[key] = self.kept[key] = after
        was = before is not None and before.is_bought and before.customer_id is not None
        spent = before.spent_minor if before is not None and was else 0
        if after.customer_id is None:
            return
        customer = (key[0], after.customer_id)
        if after.is_bought:
            self._add(customer, key[1], after, 0 if was else 1, after.spent_minor - spent)
            if before is not None and was and after.paid_at != before.paid_at:
                self.bereft.add(customer)  # of what may have been paid last
        elif was:
            self._take_away(customer, after.changed_at, spent)

    def _add(
        self, key: CustomerKey, order_id: str, order: KnownOrder, orders: int, spent_minor: int
    ) -> None:
        """Add a bought order to its customer, or what of it was not there yet."""
        change = self._change_of(key, order.changed_at)
        change.paid_orders += orders
        change.spent_minor += spent_minor
        paid_at = order.paid_at or order.changed_at
        if change.first_paid_at is None or paid_at < change.first_paid_at:
            change.first_paid_at, change.first_order_id = paid_at, order_id
        change.last_paid_at = max(change.last_paid_at or paid_at, paid_at)
        known = self.customers.get(key)
        if known is not None:
            if known.paid_orders:
                self.others.setdefault(key, {}).setdefault(order_id, known.ends)
            self._move_others(key, order_id, paid_at)
            is_first = known.first_paid_at is None or paid_at < known.first_paid_at
            self.customers[key] = known._replace(
                paid_orders=known.paid_orders + orders,
                spent_minor=known.spent_minor + spent_minor,
                first_paid_at=paid_at if is_first else known.first_paid_at,
                first_order_id=order_id if is_first else known.first_order_id,
                last_paid_at=max(known.last_paid_at or paid_at, paid_at),
            )

    def _move_others(self, key: CustomerKey, order_id: str, paid_at: datetime) -> None:
        """Let the ends that leave out another order know of one that is paid."""
        others = self.others.get(key, {})
        for other, (first, last) in others.items():
            if other != order_id:
                others[other] = Ends(min(first or paid_at, paid_at), max(last or paid_at, paid_at))

    def _take_away(self, key: CustomerKey, at: datetime, spent_minor: int) -> None:
        change = self._change_of(key, at)
        change.paid_orders -= 1
        change.spent_minor -= spent_minor
        self.bereft.add(key)
        known = self.customers.get(key)
        if known is not None:
            self.customers[key] = known._replace(
                paid_orders=known.paid_orders - 1, spent_minor=known.spent_minor - spent_minor
            )

    def _change_of(self, key: CustomerKey, at: datetime) -> Change:
        change = self.changes.get(key)
        if change is None:
            known = self.customers.get(key)
            as_read = None if known is None else known.revision
            change = self.changes[key] = Change(at, at, as_read)
        elif at > change.seen_at:
            change.seen_at = at
        elif at < change.seen_since:
            change.seen_since = at
        return change
