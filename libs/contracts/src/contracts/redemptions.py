"""The language of redeeming: what a checkout asks, and what became of it."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import chain
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from contracts.campaigns import CommissionPlan
from contracts.event import Event, Identifier, Model
from contracts.instants import Instant
from contracts.money import BasisPoints, Count, Currency, Minor

MOST_REDEEMABLES = 30
MOST_LEVELS = 100  # of metadata
SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**64 - 1  # in metadata


class Reason(StrEnum):
    """Why a redemption was refused: stable keys, the same on HTTP, Kafka and in reports."""

    NOT_FOUND = "not_found"
    CAMPAIGN_INACTIVE = "campaign_inactive"
    VOUCHER_DISABLED = "voucher_disabled"
    VOUCHER_NOT_ACTIVE = "voucher_not_active"
    VOUCHER_EXPIRED = "voucher_expired"
    QUANTITY_EXCEEDED = "quantity_exceeded"
    CAMPAIGN_LIMIT_EXCEEDED = "campaign_limit_exceeded"
    CUSTOMER_LIMIT_EXCEEDED = "customer_limit_exceeded"
    MISSING_CUSTOMER = "missing_customer"
    MISSING_ORDER = "missing_order"
    INVALID_ORDER = "invalid_order"
    STACK_REFUSED = "stack_refused"


class Customer(Model):
    """Who redeems, by the shop's own id; events after the decision carry a pseudonym only."""

    source_id: Identifier


class Item(Model):
    """One basket line. `amount_minor` is the line's total before coupons."""

    product_id: Identifier
    quantity: Annotated[int, Field(strict=True, ge=0)] = 1
    amount_minor: Minor


class Order(Model):
    """The basket before coupons: `amount_minor` in the project's currency unless it names one."""

    id: Identifier | None = None
    amount_minor: Minor
    currency: Currency | None = None
    items: Annotated[tuple[Item, ...], Field(max_length=500)] = ()


class Redeemable(Model):
    """One of the codes that a request spends together."""

    code: Identifier


class RedemptionRequest(Model):
    """A request to spend a `code`, or several `redeemables`: all of them, or none.

    The same `request_id` with the same content gets the same answer. `metadata` comes back with the
    redemption and decides nothing.
    """

    request_id: Identifier
    code: Identifier | None = None
    redeemables: Annotated[tuple[Redeemable, ...], Field(max_length=MOST_REDEEMABLES)] = ()
    customer: Customer | None = None
    order: Order | None = None
    visit_id: Identifier | None = None
    metadata: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes in the order in which they apply; a record is keyed by the first."""
        return codes_of(self.code, self.redeemables)

    @model_validator(mode="after")
    def _can_be_decided(self) -> Self:
        codes_of(self.code, self.redeemables)
        check_metadata(self.metadata)
        return self


def codes_of(code: str | None, redeemables: Sequence[Redeemable]) -> tuple[str, ...]:
    """Return the codes in the order in which they apply.

    Raises ValueError where none is named, both spellings are used, or a code stands twice.
    """
    if (code is None) == (not redeemables):
        raise ValueError("name either one code or a list of redeemables")
    if code is not None:
        return (code,)
    codes = tuple(r.code for r in redeemables)
    if len(set(codes)) < len(codes):
        raise ValueError("redeemables name a code twice")
    return codes


def check_metadata(value: object, levels: int = MOST_LEVELS) -> None:
    """Raise ValueError for JSON that no database keeps: NUL, integers of more than 64 bits, depth.

    Let through, one such request would stop every worker that reads it.
    """
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("metadata holds a NUL character")
    elif isinstance(value, int):
        if not SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
            raise ValueError("metadata holds an integer of more than 64 bits")
    elif isinstance(value, Mapping | list):
        if levels == 0:
            raise ValueError(f"metadata is nested more than {MOST_LEVELS} levels deep")
        for part in chain(value, value.values()) if isinstance(value, Mapping) else value:
            check_metadata(part, levels - 1)


class RedemptionRequested(Event):
    """From a checkout; judged at its record's timestamp, not at `time`."""

    type: Literal["coupons.redemption.requested.v1"] = "coupons.redemption.requested.v1"
    data: RedemptionRequest


class Succeeded(Model):
    """An accepted redemption, with everything that its readers need: nobody calls back.

    `order_minor` is before discount; several codes of one request share the order, so that their
    amounts add up to it. `parent_redemption_id` is what they have in common, None for a lone code.
    `uses` counts this code's uses including this one, `sequence` orders the outcomes of one code.
    """

    redemption_id: str
    parent_redemption_id: str | None = None
    request_id: str | None
    code: str
    voucher_id: Identifier
    uses: Count
    sequence: Count
    campaign_id: Identifier
    campaign_version: Count
    partner_id: str
    channel: str
    category_id: str | None
    customer_id: str | None
    customer_is_new: bool
    order_id: str | None
    order_minor: Minor
    discount_minor: Minor
    currency: Currency
    commission_plan: CommissionPlan
    margin_basis_points: BasisPoints
    visit_id: str | None
    decided_at: Instant


class Failed(Model):
    """A refusal. Campaign and partner are None where the code is unknown.

    `order_minor` is the value of the basket that the refusal concerns; `hint` says what would
    have made it pass. Of several codes in one request, the one that was refused carries reason and
    basket, the others `stack_refused` and no amount.
    """

    redemption_id: str
    parent_redemption_id: str | None = None
    request_id: str | None
    code: str
    reason: Reason
    hint: str
    campaign_id: str | None
    campaign_version: Count | None
    partner_id: str | None
    channel: str | None
    category_id: str | None
    customer_id: str | None
    order_id: str | None
    order_minor: Minor
    currency: Currency | None
    visit_id: str | None
    decided_at: Instant


class RedemptionSucceeded(Event):
    """`time` is the moment by which it was judged, `id` that of the ledger row."""

    type: Literal["coupons.redemption.succeeded.v1"] = "coupons.redemption.succeeded.v1"
    data: Succeeded


class RedemptionFailed(Event):
    """`time` is the moment by which it was judged, `id` that of the ledger row."""

    type: Literal["coupons.redemption.failed.v1"] = "coupons.redemption.failed.v1"
    data: Failed
