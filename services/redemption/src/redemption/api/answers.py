"""What answers are made of where no struct writes them: for the OpenAPI page, and its tests.

`render` writes these as plain objects. Tests decode what it wrote as these types.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from redemption.render.bodies import RefusalBody
from redemption.render.orders import OrderBody
from redemption.render.shown import ListedRedemption


class DiscountObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a code takes off: an amount or percents, or down to what price; minor units."""

    type: Literal["AMOUNT", "PERCENT", "FIXED"]
    effect: Literal["APPLY_TO_ORDER"]
    amount_off: int | msgspec.UnsetType = msgspec.UNSET
    percent_off: int | float | msgspec.UnsetType = msgspec.UNSET
    amount_limit: int | msgspec.UnsetType = msgspec.UNSET
    fixed_amount: int | msgspec.UnsetType = msgspec.UNSET


class WhyNot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key and the sentence of a refusal."""

    key: str
    message: str


class ResultObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`discount` where the code would pass, `error` where not; `details` alone where skipped."""

    discount: DiscountObject | msgspec.UnsetType = msgspec.UNSET
    error: RefusalBody | msgspec.UnsetType = msgspec.UNSET
    details: WhyNot | msgspec.UnsetType = msgspec.UNSET


class EmptyList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items that a code is for; codes are for whole orders."""

    object: Literal["list"]
    data_ref: Literal["data"]
    data: tuple[()]
    total: int


class ValidatedCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What would become of one code."""

    status: Literal["APPLICABLE", "INAPPLICABLE", "SKIPPED"]
    id: str
    object: Literal["voucher"]
    order: OrderBody | msgspec.UnsetType | None = msgspec.UNSET
    applicable_to: EmptyList | msgspec.UnsetType = msgspec.UNSET
    inapplicable_to: EmptyList | msgspec.UnsetType = msgspec.UNSET
    result: ResultObject
    campaign_name: str | None
    campaign_id: str | None


class ValidationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What would become of a redemption with this body: nothing is taken."""

    id: str
    valid: bool
    redeemables: list[ValidatedCode]
    skipped_redeemables: list[ValidatedCode]
    order: OrderBody | None
    tracking_id: str | None
    session: None
    stacking_rules: Mapping[str, Any]


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
