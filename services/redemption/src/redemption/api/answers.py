"""What answers are made of where no struct writes them: for the OpenAPI page, and its tests.

`render` writes these as plain objects. Tests decode what it wrote as these types.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from contracts.discounts import AddingEffect, DividedEffect, ItemsEffect, OrderEffect
from contracts.targets import Selection
from redemption.render.bodies import RefusalBody
from redemption.render.left_out import LeftOutBody, WhyNot
from redemption.render.orders import OrderBody
from redemption.render.shown import ListedRedemption


class TierObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is off an order that comes to `from_amount` or more."""

    from_amount: int
    amount_off: int


class UnitObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many of a product or SKU for nothing."""

    unit_off: int
    unit_type: str
    effect: AddingEffect


class DiscountObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a code takes off: an amount, percents, or down to what price; or units for nothing.

    Minor units.
    """

    type: Literal["AMOUNT", "PERCENT", "FIXED", "UNIT"]
    effect: OrderEffect | ItemsEffect | DividedEffect | AddingEffect | Literal["ADD_MANY_ITEMS"]
    amount_off: int | msgspec.UnsetType = msgspec.UNSET
    tiers: list[TierObject] | msgspec.UnsetType = msgspec.UNSET
    percent_off: int | float | msgspec.UnsetType = msgspec.UNSET
    amount_limit: int | msgspec.UnsetType = msgspec.UNSET
    aggregated_amount_limit: int | msgspec.UnsetType = msgspec.UNSET
    fixed_amount: int | msgspec.UnsetType = msgspec.UNSET
    unit_off: int | msgspec.UnsetType = msgspec.UNSET
    unit_type: str | msgspec.UnsetType = msgspec.UNSET
    units: list[UnitObject] | msgspec.UnsetType = msgspec.UNSET


class ResultObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`discount` where the code would pass, `error` where not; `details` alone where skipped."""

    discount: DiscountObject | msgspec.UnsetType = msgspec.UNSET
    error: RefusalBody | msgspec.UnsetType = msgspec.UNSET
    details: WhyNot | msgspec.UnsetType = msgspec.UNSET


class ProductInOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product or SKU of the order's lines, and which pieces of them are meant."""

    object: Literal["product", "sku"]
    id: str
    effect: Selection
    quantity_limit: int | msgspec.UnsetType = msgspec.UNSET
    aggregated_quantity_limit: int | msgspec.UnsetType = msgspec.UNSET


class ProductsInOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What in the order a code is for, or is not; empty where it is for all orders."""

    object: Literal["list"]
    data_ref: Literal["data"]
    data: list[ProductInOrder]
    total: int


class ValidatedCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What would become of one code."""

    status: Literal["APPLICABLE", "INAPPLICABLE", "SKIPPED"]
    id: str
    object: Literal["voucher"]
    order: OrderBody | msgspec.UnsetType | None = msgspec.UNSET
    applicable_to: ProductsInOrder | msgspec.UnsetType = msgspec.UNSET
    inapplicable_to: ProductsInOrder | msgspec.UnsetType = msgspec.UNSET
    result: ResultObject
    campaign_name: str | None
    campaign_id: str | None


class StackingRulesObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """By which rules of the project its codes were applied together; categories by id."""

    redeemables_limit: int
    applicable_redeemables_limit: int
    applicable_redeemables_per_category_limit: int
    applicable_redeemables_category_limits: Mapping[str, int]
    applicable_exclusive_redeemables_limit: int
    applicable_exclusive_redeemables_per_category_limit: int
    exclusive_categories: list[str]
    joint_categories: list[str]
    redeemables_application_mode: Literal["ALL", "PARTIAL"]
    redeemables_sorting_rule: Literal["REQUESTED_ORDER", "CATEGORY_HIERARCHY"]
    redeemables_products_application_mode: Literal["STACK"]
    redeemables_no_effect_rule: Literal["REDEEM_ANYWAY", "SKIP"]


class ValidationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What would become of a redemption with this body: nothing is taken."""

    id: str
    valid: bool
    redeemables: list[ValidatedCode]
    inapplicable_redeemables: list[LeftOutBody]
    skipped_redeemables: list[LeftOutBody]
    order: OrderBody | None
    tracking_id: str | None
    session: None
    stacking_rules: StackingRulesObject


class RedemptionList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of redemptions and refusals; `total` is exact unless it is marked."""

    object: Literal["list"] = "list"
    data_ref: Literal["redemptions"] = "redemptions"
    redemptions: list[ListedRedemption]
    total: int
    total_estimated: bool
    has_more: bool
    more_cursor: str | None


class RedemptionEntries(msgspec.Struct, frozen=True, kw_only=True):
    """What was redeemed of a code, the newest 100."""

    quantity: int | None
    redeemed_quantity: int
    object: Literal["list"] = "list"
    url: str
    data_ref: Literal["redemption_entries"] = "redemption_entries"
    total: int
    redemption_entries: list[ListedRedemption]


class SegmentOfCustomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment that a customer is in."""

    id: str
    name: str
    object: Literal["segment"] = "segment"


class SegmentsOfCustomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a customer is in at this moment, by name."""

    data: list[SegmentOfCustomer]
    total: int
    object: Literal["list"] = "list"
    data_ref: Literal["data"] = "data"
