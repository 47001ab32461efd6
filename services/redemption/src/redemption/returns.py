"""The words of giving back: what is asked, of which redemptions, and what became of it.

What is asked is made of entries of the ledger, which never change: so they are looked up before any
lock. What was given back of them already is read behind it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

from contracts.campaigns import CommissionPlan
from contracts.rollbacks import NotRolledBack
from redemption.model import CodeKey, CounterKey, Offer, Request
from redemption.outcomes import Line

ORDERS: Final = "orders"  # the caller of what a cancelled or refunded order rolls back


class Original(NamedTuple):
    """A code's redemption, with the plan that it was judged by.

    `codes` were asked for by its request, and so many of them `redeemed`. An order of None is "none
    was sent".
    """

    id: UUID
    request_key: bytes
    codes: int
    redeemed: int
    project_id: str
    code: str
    voucher_id: str
    campaign_id: str
    campaign_version: int
    campaign_name: str
    partner_id: str
    channel: str
    category_id: str | None
    commission_plan: CommissionPlan
    margin_basis_points: int
    customer_id: str | None
    customer_is_new: bool
    order_id: str | None
    order_minor: int | None
    discount_minor: int
    currency: str
    at: datetime
    lines: tuple[Line, ...] = ()
    segment_ids: tuple[str, ...] = ()  # in reports, which the customer was in then

    @property
    def key(self) -> CodeKey:
        """Return the key of its code."""
        return (self.project_id, self.code)

    @property
    def is_of_several(self) -> bool:
        """Tell whether other codes were redeemed together with it."""
        return self.redeemed > 1


class Units(NamedTuple):
    """So many units of a line that its product or its SKU names."""

    product_id: str | None
    sku_id: str | None
    quantity: int

    def are_of(self, line: Line) -> bool:
        """Tell whether they are some of this line."""
        return self.product_id in {None, line.product_id} and self.sku_id in {None, line.sku_id}


class Rollback(NamedTuple):
    """A request to give redemptions back: all that is left of them, or a part of their order.

    A part is an amount, or units of lines.

    `key` and `fingerprint` are as those of a redemption, among which they are unique. Without
    originals nothing of that id was redeemed. A customer or an order that is named must be theirs.
    By Kafka, `reply` asks for an answer. `in_all` is an amount that comes to so much with all that
    orders rolled back before, and to what is left at most; of what has no share of its order it is
    a `discount_minor`.
    """

    project_id: str
    key: bytes
    fingerprint: bytes
    request_id: str | None
    redemption_id: str
    originals: tuple[Original, ...]
    amount_minor: int | None
    units: tuple[Units, ...]
    customer_id: str | None
    order_id: str | None
    reason: str | None
    tracking_id: str | None
    metadata: Mapping[str, Any]
    caller: str
    at: datetime
    traceparent: str | None = None
    reply: bool = False
    in_all: bool = False
    discount_minor: int = 0

    @property
    def code_keys(self) -> tuple[CodeKey, ...]:
        """Return its codes."""
        return tuple([original.key for original in self.originals])


# Whatever the decider is asked.
Asked: TypeAlias = Request | Rollback


class GivenBack(NamedTuple):
    """What was given back of a redemption so far; `units` of each of its lines.

    None are units where an amount was given back, which is of no line. `by_orders_minor` and
    `discount_by_orders_minor` are what cancelled and refunded orders gave back.
    """

    order_minor: int = 0
    discount_minor: int = 0
    whole: bool = False
    units: tuple[int, ...] | None = ()
    by_orders_minor: int = 0
    discount_by_orders_minor: int = 0


class Part(NamedTuple):
    """What is given back of one redemption now, and what is left of it then.

    `counted` is what its counters get back by the policy in force; `uses` and `sequence` are those
    of the code after it.
    """

    id: UUID
    original: Original
    offer: Offer
    order_minor: int
    discount_minor: int
    order_left_minor: int
    discount_left_minor: int
    whole: bool
    lines: tuple[Line, ...]
    gives_use: bool
    gives_budget: bool
    counted: Mapping[CounterKey, int]
    uses: int
    sequence: int


class NoReturn(NamedTuple):
    """Why nothing was given back, and what would have helped."""

    reason: NotRolledBack
    hint: str


class Returned(NamedTuple):
    """What became of a rollback: parts, or a refusal."""

    request: Rollback
    parts: tuple[Part, ...]
    refusal: NoReturn | None
