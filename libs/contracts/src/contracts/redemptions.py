"""The language of redeeming: what a checkout asks, and what became of it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.campaigns import CommissionPlan
from contracts.event import Event, Key, Model
from contracts.instants import Instant
from contracts.money import BasisPoints, Count, Currency, Minor


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


class Customer(Model):
    """Who redeems, by the shop's own id; events after the decision carry a pseudonym only."""

    source_id: Key


class Item(Model):
    """One basket line. `amount_minor` is the line's total before coupons."""

    product_id: Key
    quantity: Annotated[int, Field(strict=True, ge=0)] = 1
    amount_minor: Minor


class Order(Model):
    """The basket before coupons: `amount_minor` in the project's currency unless it names one."""

    id: Key | None = None
    amount_minor: Minor
    currency: Currency | None = None
    items: Annotated[tuple[Item, ...], Field(max_length=500)] = ()


class RedemptionRequest(Model):
    """A wish to spend a code. The same `request_id` with the same content gets the same answer."""

    request_id: Key
    code: Key
    customer: Customer | None = None
    order: Order | None = None
    visit_id: Key | None = None


class RedemptionRequested(Event):
    """From a checkout; judged at its record's timestamp, not at `time`."""

    type: Literal["coupons.redemption.requested.v1"] = "coupons.redemption.requested.v1"
    data: RedemptionRequest


class Succeeded(Model):
    """An accepted redemption, with everything that its readers need: nobody calls back.

    `order_minor` is before discount. `uses` counts this code's uses including this one and
    `sequence` orders the outcomes of one code.
    """

    redemption_id: str
    request_id: str | None
    code: str
    voucher_id: Key
    uses: Count
    sequence: Count
    campaign_id: Key
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
    have made it pass.
    """

    redemption_id: str
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
