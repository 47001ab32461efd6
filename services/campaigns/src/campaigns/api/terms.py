"""A campaign's terms as clients write them, and as we keep them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from campaigns.api.fields import (
    Body,
    Code,
    CodePart,
    Metadata,
    NotYet,
    Percent,
    Quantity,
)
from campaigns.codes import Shape
from campaigns.definitions import Codes
from contracts.campaigns import AmountOff, CommissionPlan, Discount, PercentOff
from contracts.money import BasisPoints, Minor


class _Discount(Body):
    effect: Literal["APPLY_TO_ORDER"] | None = None
    aggregated_amount_limit: NotYet = None
    is_dynamic: NotYet = None


class AmountBody(_Discount):
    type: Literal["AMOUNT"]
    amount_off: Minor
    amount_off_formula: NotYet = None

    def kept(self) -> AmountOff:
        return AmountOff(amount_off_minor=self.amount_off)


class PercentBody(_Discount):
    type: Literal["PERCENT"]
    percent_off: Percent
    percent_off_formula: NotYet = None
    amount_limit: NotYet = None

    def kept(self) -> PercentOff:
        return PercentOff(basis_points=self.percent_off)


DiscountBody = Annotated[AmountBody | PercentBody, Field(discriminator="type")]


class RedemptionBody(Body):
    quantity: Quantity | None = None


class CodeConfig(Body):
    """How codes look; `#` in a pattern is a random character, and a pattern replaces length."""

    length: Annotated[int, Field(ge=1, le=100)] | None = None
    charset: CodePart | None = None
    prefix: CodePart | None = None
    postfix: CodePart | None = None
    pattern: CodePart | None = None

    def over(self, base: Shape) -> Shape:
        """Return the base shape with what is given here."""
        return Shape(
            prefix=base.prefix if self.prefix is None else self.prefix,
            postfix=base.postfix if self.postfix is None else self.postfix,
            pattern=base.pattern if self.pattern is None else self.pattern,
            length=base.length if self.length is None else self.length,
            charset=base.charset if self.charset is None else self.charset,
        )


class VoucherTemplate(Body):
    """What each of a campaign's codes is worth and how it looks."""

    type: Literal["DISCOUNT_VOUCHER"]
    discount: DiscountBody
    redemption: RedemptionBody | None = None
    code_config: CodeConfig | None = None

    def codes(self) -> Codes:
        return Codes(
            shape=(self.code_config or CodeConfig()).over(Shape()),
            quantity=None if self.redemption is None else self.redemption.quantity,
            quantity_given=quantity_given(self.redemption),
        )


class Commission(Body):
    """What the partner is owed per accepted redemption: the sum of its parts."""

    share_basis_points: BasisPoints = 0
    flat_minor: Minor = 0
    new_customer_bonus_minor: Minor = 0

    def kept(self) -> CommissionPlan:
        return CommissionPlan(**self.model_dump())


class Unsupported(Body):
    """Restrictions of Voucherify that we cannot enforce yet: refused, for nobody to rely on."""

    validity_timeframe: NotYet = None
    validity_day_of_week: NotYet = None
    validity_hours: NotYet = None
    activity_duration_after_publishing: NotYet = None
    validation_rules: NotYet = None
    access_settings: NotYet = None


class CodesBody(Unsupported):
    """Of codes that join a campaign: all optional, the campaign's own where absent."""

    code: Code | None = None
    code_config: CodeConfig | None = None
    redemption: RedemptionBody | None = None
    metadata: Metadata | None = None
    start_date: NotYet = None
    expiration_date: NotYet = None

    def over(self, campaign: Codes) -> Codes:
        """Return the campaign's way of making codes with what is given here."""
        given = quantity_given(self.redemption)
        own = None if self.redemption is None else self.redemption.quantity
        return Codes(
            shape=(self.code_config or CodeConfig()).over(campaign.shape),
            quantity=own if given else campaign.quantity,
            quantity_given=given or campaign.quantity_given,
        )


def quantity_given(redemption: RedemptionBody | None) -> bool:
    """Tell a quantity of null, which is "without limit", from none at all."""
    return redemption is not None and "quantity" in redemption.model_fields_set


def shown_discount(discount: Discount) -> dict[str, Any]:
    """Write a discount as Voucherify does: whole percents are integers."""
    match discount:
        case AmountOff():
            return {
                "type": "AMOUNT",
                "amount_off": discount.amount_off_minor,
                "effect": "APPLY_TO_ORDER",
            }
        case PercentOff():
            whole, part = divmod(discount.basis_points, 100)
            return {
                "type": "PERCENT",
                "percent_off": whole + part / 100 if part else whole,
                "effect": "APPLY_TO_ORDER",
            }
