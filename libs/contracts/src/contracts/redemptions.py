"""The language of redeeming: what a checkout asks, and what became of it."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from contracts.baskets import Customer, Order, check_all_metadata
from contracts.campaigns import CommissionPlan
from contracts.event import Event, Identifier, Model
from contracts.instants import Instant
from contracts.money import BasisPoints, Count, Currency, Minor
from contracts.refusals import WouldPass
from contracts.stacking import MOST_REDEEMABLES
from contracts.strict import StrictModel
from contracts.text import Trimmed

JSON: Final = "application/json"
JSON_MEDIA_TYPE: Final = re.compile(
    r"[!#$&^\w.+-]+/([!#$&^\w.+-]+\+)?json[ \t]*(;.*)?", re.IGNORECASE | re.ASCII
)


class Reason(StrEnum):
    """Why a redemption was refused: stable keys, the same on HTTP, Kafka and in reports."""

    NOT_FOUND = "not_found"
    CAMPAIGN_INACTIVE = "campaign_inactive"
    VOUCHER_DISABLED = "voucher_disabled"
    VOUCHER_NOT_ACTIVE = "voucher_not_active"
    VOUCHER_EXPIRED = "voucher_expired"
    VOUCHER_NOT_ACTIVE_NOW = "voucher_not_active_now"
    QUANTITY_EXCEEDED = "quantity_exceeded"
    CAMPAIGN_LIMIT_EXCEEDED = "campaign_limit_exceeded"
    CUSTOMER_LIMIT_EXCEEDED = "customer_limit_exceeded"
    PERIOD_LIMIT_EXCEEDED = "period_limit_exceeded"
    BUDGET_EXCEEDED = "budget_exceeded"
    ORDER_RULES_VIOLATED = "order_rules_violated"
    CUSTOMER_RULES_VIOLATED = "customer_rules_violated"
    REDEMPTION_RULES_VIOLATED = "redemption_rules_violated"
    MISSING_CUSTOMER = "missing_customer"
    MISSING_ORDER = "missing_order"
    MISSING_ORDER_ITEMS = "missing_order_items"
    INVALID_ORDER = "invalid_order"
    MOST_APPLIED = "applicable_redeemables_limit_exceeded"
    MOST_OF_CATEGORY_APPLIED = "applicable_redeemables_per_category_limit_exceeded"
    MOST_EXCLUSIVE_APPLIED = "applicable_exclusive_redeemables_limit_exceeded"
    MOST_EXCLUSIVE_OF_CATEGORY_APPLIED = (
        "applicable_exclusive_redeemables_per_category_limit_exceeded"
    )
    EXCLUDED = "exclusion_rules_not_met"
    NO_EFFECT = "no_effect"
    STACK_REFUSED = "stack_refused"


# As readers take it: one that only a newer writer knows is no reason to lose its refusal.
ReasonKey = Annotated[
    str, Field(max_length=100, pattern=r"^[a-z][a-z0-9_]*$", examples=[r.value for r in Reason])
]


class Redeemable(StrictModel):
    """One of the codes that a request spends together."""

    code: Trimmed


class RedemptionRequest(StrictModel):
    """A request to spend a `code`, or several `redeemables`: all of them, or none.

    The same `request_id` with the same content gets the same answer. `tracking_id` names the
    customer where `customer` does not. It and `metadata`, 10 kB of JSON at most, come back with the
    redemption; with those of customer, order and lines they are 50 kB at most. With `reply` the
    request gets an answer on its project's topic of answers, on a repeat too.
    """

    request_id: Trimmed
    code: Trimmed | None = None
    redeemables: Annotated[tuple[Redeemable, ...], Field(max_length=MOST_REDEEMABLES)] = ()
    customer: Customer | None = None
    order: Order | None = None
    tracking_id: Trimmed | None = None
    visit_id: Trimmed | None = None
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    reply: Annotated[bool, Field(strict=True)] = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes in the order in which they apply; a record is keyed by the first."""
        return codes_of(self.code, [each.code for each in self.redeemables])

    @model_validator(mode="after")
    def _can_be_decided(self) -> Self:
        codes_of(self.code, [each.code for each in self.redeemables])
        check_all_metadata(self.metadata, self.customer, self.order)
        return self


def codes_of(code: str | None, together: Sequence[str]) -> tuple[str, ...]:
    """Return the codes in the order in which they apply.

    Raises ValueError where none is named, both spellings are used, or a code stands twice.
    """
    if (code is None) == (not together):
        raise ValueError("name either one code or a list of redeemables")
    if code is not None:
        return (code,)
    if len(set(together)) < len(together):
        raise ValueError("redeemables name a code twice")
    return tuple(together)


def check_media_type(given: str | None) -> str | None:
    """Raise ValueError for what is no JSON; CloudEvents calls `text/x+json` JSON too."""
    if given not in {None, JSON} and not JSON_MEDIA_TYPE.fullmatch(given):
        raise ValueError(f"datacontenttype {given!r} is not JSON")
    return given


class RedemptionRequested(Event):
    """From a checkout; judged at its record's timestamp, not at `time`.

    Whatever CloudEvents leaves optional is: only what deciding needs must be there.
    """

    type: Literal["coupons.redemption.requested.v1"] = "coupons.redemption.requested.v1"
    subject: str | None = None  # type: ignore[assignment]  # wider than what we write ourselves
    time: Instant | None = None  # type: ignore[assignment]
    datacontenttype: Annotated[str | None, AfterValidator(check_media_type)] = JSON  # type: ignore[assignment]
    data: RedemptionRequest


class Succeeded(Model):
    """An accepted redemption, with everything that its readers need: nobody calls back.

    `order_minor` is before discount; several codes of one request share the order, so that their
    amounts add up to it. `parent_redemption_id` is what they have in common, None for a lone code.
    `uses` counts this code's uses including this one, `sequence` orders the outcomes of one code.
    `caller` is the key or the user that asked, or the topic that it came by. `segment_ids` are what
    the customer was in of the project's segments in reports, when it was judged.
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
    caller: Identifier | None = None
    segment_ids: tuple[str, ...] = ()


class Failed(Model):
    """A refusal. Campaign and partner are None where the code is unknown.

    `order_minor` is the value of the basket that the refusal concerns; `hint` and `would_pass` say
    what would have made it pass. Of several codes in one request, the one that was refused carries
    reason and basket, the others `stack_refused` and no amount. `reason` is one of `Reason`.
    `segment_ids` are as of what succeeded; of a lone unknown code nobody is judged.
    """

    redemption_id: str
    parent_redemption_id: str | None = None
    request_id: str | None
    code: str
    reason: ReasonKey
    hint: str
    would_pass: WouldPass = WouldPass()
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
    segment_ids: tuple[str, ...] = ()


class RedemptionSucceeded(Event):
    """`time` is the moment by which it was judged, `id` that of the ledger row."""

    type: Literal["coupons.redemption.succeeded.v1"] = "coupons.redemption.succeeded.v1"
    data: Succeeded


class RedemptionFailed(Event):
    """`time` is the moment by which it was judged, `id` that of the ledger row."""

    type: Literal["coupons.redemption.failed.v1"] = "coupons.redemption.failed.v1"
    data: Failed
