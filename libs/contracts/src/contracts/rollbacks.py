"""The language of giving redemptions back: what is asked, and what became of it."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from contracts.baskets import MOST_ITEMS, Customer
from contracts.campaigns import CommissionPlan
from contracts.event import Event, Identifier, Model
from contracts.instants import Instant
from contracts.metadata import check_metadata
from contracts.money import LARGEST_MINOR, BasisPoints, Count, Currency, Minor
from contracts.redemptions import JSON, check_media_type
from contracts.strict import StrictModel
from contracts.text import Trimmed

LONGEST_REASON = 1000

# Whatever else it is, nothing was redeemed under it: an answer, as by HTTP, and no fault of form.
RedemptionId = Annotated[Trimmed, Field(examples=["r_01932f6e7b3a7c429d550a1b2c3d4e5f"])]
Amount = Annotated[int, Field(strict=True, ge=1, le=LARGEST_MINOR)]
Said = Annotated[str, Field(max_length=LONGEST_REASON, pattern=r"^[^\x00]+$")]


class NotRolledBack(StrEnum):
    """Why nothing was given back: stable keys, the same on HTTP and in dead letters."""

    NOT_FOUND = "not_found"
    ALREADY_ROLLED_BACK = "already_rolled_back"
    INVALID_REDEMPTION = "invalid_redemption"
    INVALID_REDEMPTION_PARENT = "invalid_redemption_parent"
    INVALID_ROLLBACK_PARAMS = "invalid_rollback_params"
    INVALID_CUSTOMER = "invalid_customer"
    INVALID_ORDER = "invalid_order"


class RollbackLine(StrictModel):
    """So many units of a line of the order, which its product names, or its SKU, or both."""

    product_id: Trimmed | None = None
    sku_id: Trimmed | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=LARGEST_MINOR)]

    @model_validator(mode="after")
    def _names_a_line(self) -> Self:
        if self.product_id is None and self.sku_id is None:
            raise ValueError("a line needs product_id or sku_id")
        return self


class RollbackRequest(StrictModel):
    """A request to give back a redemption, or what codes redeemed together have in common.

    All that is left of it, or as much of it as `amount_minor` of the order comes to, or what was
    taken off the `items`. The same
    `request_id` with the same content gets the same answer. Where `customer` or `order_id` are
    given they must be the redemption's own. With `reply` the answer comes as that to a redemption.
    """

    request_id: Trimmed
    redemption_id: RedemptionId
    amount_minor: Amount | None = None
    items: Annotated[tuple[RollbackLine, ...], Field(max_length=MOST_ITEMS)] = ()
    customer: Customer | None = None
    order_id: Trimmed | None = None
    reason: Said | None = None
    tracking_id: Trimmed | None = None
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    reply: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _can_be_decided(self) -> Self:
        check_metadata(self.metadata)
        if self.amount_minor is not None and self.items:
            raise ValueError("send amount_minor or items: one of them says how much")
        return self


class RollbackRequested(Event):
    """From a shop, on the topics of requests; as of its record's timestamp, not of `time`."""

    type: Literal["coupons.redemption.rollback_requested.v1"] = (
        "coupons.redemption.rollback_requested.v1"
    )
    subject: str | None = None  # type: ignore[assignment]  # wider than what we write ourselves
    time: Instant | None = None  # type: ignore[assignment]
    datacontenttype: Annotated[str | None, AfterValidator(check_media_type)] = JSON  # type: ignore[assignment]
    data: RollbackRequest


class RolledBackLine(Model):
    """How many units of a line of the order were given back, and what they came to."""

    product_id: str | None
    sku_id: str | None
    quantity: Count
    amount_minor: Minor
    discount_minor: Minor


class RolledBack(Model):
    """What was given back of one redemption, with everything that its readers need.

    `order_minor` is the part of the redemption's share of the order, `discount_minor` what was
    taken off that; `…_left_minor` is what is left of both, nothing once the `whole` is given back.
    `items` are there where lines were named. Campaign version, partner, plan and margin are those
    that the redemption was judged by; `customer_is_new`, `segment_ids` and `redeemed_at` are its
    own. `uses` counts the code's uses by now, `sequence` orders the outcomes of one code. `reason`
    is there where an order was cancelled or refunded: what people write may say who it was, and
    stays in the ledger.
    """

    rollback_id: str
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
    whole: bool
    order_minor: Minor
    discount_minor: Minor
    order_left_minor: Minor
    discount_left_minor: Minor
    items: tuple[RolledBackLine, ...] = ()
    currency: Currency
    commission_plan: CommissionPlan
    margin_basis_points: BasisPoints
    reason: str | None
    redeemed_at: Instant
    decided_at: Instant
    caller: Identifier | None = None
    segment_ids: tuple[str, ...] = ()


class RedemptionRolledBack(Event):
    """`time` is the moment as of which it was asked, `id` that of the ledger row."""

    type: Literal["coupons.redemption.rolled_back.v1"] = "coupons.redemption.rolled_back.v1"
    data: RolledBack
