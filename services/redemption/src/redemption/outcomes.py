"""The words of what was decided: what became of each code, of the request, and what is answered.

Named tuples, because a batch makes a thousand of each.
"""

from typing import NamedTuple, TypeAlias
from uuid import UUID

from contracts.stacking import ALL_TOGETHER, StackingRules
from redemption.model import Claim, Offer, Refusal, Request


class Line(NamedTuple):
    """A line of the order, as it was sent, and what one code takes off it.

    `free_units` is None where the discount is on the order and this is the line's share of it; else
    it is on the line, and so many units of it are free. A line that the code adds has no other.
    """

    product_id: str | None
    sku_id: str | None
    quantity: int
    amount_minor: int
    discount_minor: int
    free_units: int | None = None

    @property
    def is_added(self) -> bool:
        """Whether the code adds it to the order: then no unit of it was sent."""
        return self.quantity == 0 and bool(self.free_units)


class Applied(NamedTuple):
    """A code that took its claims. `order_minor` is its share of the order's value.

    `lines` are all of the order; their discounts add up to this code's. `uses` and `sequence` are
    those of the code after it.
    """

    id: UUID
    offer: Offer
    claims: tuple[Claim, ...]
    discount_minor: int
    order_minor: int
    uses: int
    sequence: int
    lines: tuple[Line, ...] = ()


class Inapplicable(NamedTuple):
    """A code that was refused; without an offer it is unknown."""

    id: UUID
    code: str
    offer: Offer | None
    refusal: Refusal


class Skipped(NamedTuple):
    """A code that was left out: not judged, because one before it was refused, or for a rule."""

    id: UUID
    code: str
    offer: Offer | None
    refusal: Refusal


Outcome: TypeAlias = Applied | Inapplicable | Skipped


class Decision(NamedTuple):
    """What became of a request, code by code in the order in which they apply.

    With `refused` none is redeemed; else those that are applied, and all of them unless the rules
    of the project let the others be left out.
    """

    request: Request
    outcomes: tuple[Outcome, ...]
    refused: Inapplicable | None
    customer_is_new: bool = False
    rules: StackingRules = ALL_TOGETHER  # of its project, where it was asked for several codes
    segment_ids: tuple[str, ...] = ()  # of those in reports, what the customer was in before

    @property
    def discount_minor(self) -> int:
        """Return what all codes together take off the order."""
        return sum(o.discount_minor for o in self.outcomes if isinstance(o, Applied))


class Response(NamedTuple):
    """What the caller gets: an HTTP status and a JSON body, the same bytes on every repeat.

    An empty body was not rendered, because nobody waits for it. With `key_reused` nothing was
    decided, now or before: the key belongs to another request.
    """

    fingerprint: bytes
    status: int
    body: bytes
    replayed: bool = False
    key_reused: bool = False
