"""Discounts as clients write them and read them, in Voucherify's words.

Tiers are ours: Voucherify has none of an amount.
"""

from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, model_validator

from campaigns.api.body import Body, Unsupported
from campaigns.api.fields import Percent, Quantity
from campaigns.api.voucherify import RefusedOfDiscounts
from contracts.discounts import (
    MOST_TIERS,
    MOST_UNITS,
    AddingEffect,
    AmountOff,
    AmountTier,
    Discount,
    DividedEffect,
    FixedPrice,
    FreeUnits,
    ItemsEffect,
    OrderEffect,
    PercentOff,
    Unit,
    as_voucherify,
)
from contracts.money import Minor
from contracts.text import Trimmed

ON_ORDER: Final = "APPLY_TO_ORDER"
MANY: Final = "ADD_MANY_ITEMS"


class TierBody(Body):
    """What `amount_off` is where the order comes to `from_amount` or more, before any coupon."""

    from_amount: Minor
    amount_off: Minor

    def to_domain(self) -> AmountTier:
        return AmountTier(from_minor=self.from_amount, amount_off_minor=self.amount_off)


def _rising(tiers: tuple[TierBody, ...]) -> tuple[TierBody, ...]:
    if any(one.from_amount >= next_.from_amount for one, next_ in pairwise(tiers)):
        raise ValueError("should rise by from_amount")
    return tiers


class AmountBody(RefusedOfDiscounts):
    """`amount_off` the order, its lines, or each unit of them, as `effect` says.

    Of `tiers` that the order reaches the last one says the amount; `aggregated_amount_limit` is
    the most off all lines together.
    """

    type: Literal["AMOUNT"]
    amount_off: Minor
    amount_off_formula: Unsupported = None
    effect: OrderEffect | ItemsEffect | DividedEffect | None = None
    tiers: (
        Annotated[tuple[TierBody, ...], Field(max_length=MOST_TIERS), AfterValidator(_rising)]
        | None
    ) = None
    aggregated_amount_limit: Minor | None = None

    @model_validator(mode="after")
    def _caps_what_there_is(self) -> Self:
        if self.effect in {None, ON_ORDER} and self.aggregated_amount_limit is not None:
            raise ValueError("aggregated_amount_limit is for effects on items")
        return self

    def to_domain(self) -> AmountOff:
        return AmountOff(
            amount_off_minor=self.amount_off,
            effect=self.effect or ON_ORDER,
            tiers=tuple(each.to_domain() for each in self.tiers or ()),
            most_together_minor=self.aggregated_amount_limit,
        )


class PercentBody(RefusedOfDiscounts):
    """`percent_off` the order or each of its lines, as `effect` says.

    `amount_limit` is the most off the order, or off each line; `aggregated_amount_limit` the most
    off all lines together.
    """

    type: Literal["PERCENT"]
    percent_off: Percent
    percent_off_formula: Unsupported = None
    amount_limit: Minor | None = None
    effect: OrderEffect | ItemsEffect | None = None
    aggregated_amount_limit: Minor | None = None

    @model_validator(mode="after")
    def _caps_what_there_is(self) -> Self:
        if self.effect in {None, ON_ORDER} and self.aggregated_amount_limit is not None:
            raise ValueError("aggregated_amount_limit is for effects on items: send amount_limit")
        return self

    def to_domain(self) -> PercentOff:
        return PercentOff(
            basis_points=self.percent_off,
            most_minor=self.amount_limit,
            effect=self.effect or ON_ORDER,
            most_together_minor=self.aggregated_amount_limit,
        )


class FixedBody(RefusedOfDiscounts):
    """What the order, or each unit of its lines, costs from now on."""

    type: Literal["FIXED"]
    fixed_amount: Minor
    fixed_amount_formula: Unsupported = None
    effect: OrderEffect | ItemsEffect | None = None
    aggregated_amount_limit: Unsupported = None

    def to_domain(self) -> FixedPrice:
        return FixedPrice(price_minor=self.fixed_amount, effect=self.effect or ON_ORDER)


class UnitBody(Body):
    """So many of a product or SKU for nothing, by the id that orders' lines name it by."""

    unit_off: Quantity
    unit_type: Trimmed
    unit_off_formula: Unsupported = None
    effect: AddingEffect
    product: Unsupported = None
    sku: Unsupported = None

    def to_domain(self) -> Unit:
        return Unit(item=self.unit_type, quantity=self.unit_off, effect=self.effect)


class FreeUnitsBody(RefusedOfDiscounts):
    """Units for nothing: of one thing, or of several in `units`, with ADD_MANY_ITEMS.

    ADD_MISSING_ITEMS frees units that are in the order and adds those that are not, ADD_NEW_ITEMS
    adds them all. Shipping is the product `prod_5h1pp1ng`.
    """

    type: Literal["UNIT"]
    effect: AddingEffect | Literal["ADD_MANY_ITEMS"]
    unit_off: Quantity | None = None
    unit_type: Trimmed | None = None
    unit_off_formula: Unsupported = None
    units: Annotated[tuple[UnitBody, ...], Field(min_length=1, max_length=MOST_UNITS)] | None = None
    product: Unsupported = None
    sku: Unsupported = None
    aggregated_amount_limit: Unsupported = None

    @model_validator(mode="after")
    def _gives_one_or_many(self) -> Self:
        one = (self.unit_off is not None, self.unit_type is not None)
        if self.effect == MANY and (self.units is None or any(one)):
            raise ValueError("ADD_MANY_ITEMS should have units, and neither unit_off nor unit_type")
        if self.effect != MANY and (self.units is not None or not all(one)):
            raise ValueError("should have unit_off and unit_type; units are for ADD_MANY_ITEMS")
        return self

    def to_domain(self) -> FreeUnits:
        if self.units is not None:
            return FreeUnits(units=tuple(each.to_domain() for each in self.units))
        one = {"unit_off": self.unit_off, "unit_type": self.unit_type, "effect": self.effect}
        return FreeUnits(units=(UnitBody.model_validate(one).to_domain(),))


DiscountBody = Annotated[
    AmountBody | PercentBody | FixedBody | FreeUnitsBody, Field(discriminator="type")
]


class TierObject(BaseModel):
    from_amount: int
    amount_off: int


class AmountObject(BaseModel):
    type: Literal["AMOUNT"]
    amount_off: int
    aggregated_amount_limit: int | None = None
    tiers: list[TierObject] = Field(default_factory=list)
    effect: OrderEffect | ItemsEffect | DividedEffect


class PercentObject(BaseModel):
    type: Literal["PERCENT"]
    percent_off: int | float
    amount_limit: int | None = None
    aggregated_amount_limit: int | None = None
    effect: OrderEffect | ItemsEffect


class FixedObject(BaseModel):
    type: Literal["FIXED"]
    fixed_amount: int
    effect: OrderEffect | ItemsEffect


class UnitObject(BaseModel):
    unit_off: int
    unit_type: str
    effect: AddingEffect


class FreeUnitsObject(BaseModel):
    """Units for nothing; `units` are there where there is more than one kind."""

    type: Literal["UNIT"]
    unit_off: int | None = None
    unit_type: str | None = None
    units: list[UnitObject] | None = None
    effect: AddingEffect | Literal["ADD_MANY_ITEMS"]


Shown = AmountObject | PercentObject | FixedObject | FreeUnitsObject
DiscountObject = Annotated[Shown, Field(discriminator="type")]
DISCOUNT: Final[TypeAdapter[Shown]] = TypeAdapter(DiscountObject)


def discount_response(discount: Discount) -> Shown:
    """Show what codes are worth."""
    return DISCOUNT.validate_python(as_voucherify(discount))
