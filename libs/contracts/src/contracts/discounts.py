"""What a coupon takes off: each kind of discount, and how Voucherify's clients read it.

A new kind makes a campaign's whole snapshot unreadable to an older redemption, so deploy redemption
first; analytics reads nothing of it.
"""

from typing import Annotated, Any, Final, Literal, assert_never

from pydantic import Field

from contracts.event import Identifier, Model
from contracts.money import LARGEST_MINOR, BasisPoints, Minor

OrderEffect = Literal["APPLY_TO_ORDER"]
ItemsEffect = Literal["APPLY_TO_ITEMS"]
DividedEffect = Literal[
    "APPLY_TO_ITEMS_BY_QUANTITY",
    "APPLY_TO_ITEMS_PROPORTIONALLY",
    "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY",
]
AddingEffect = Literal["ADD_MISSING_ITEMS", "ADD_NEW_ITEMS"]

MOST_TIERS = 20
MOST_UNITS = 20
SHIPPING: Final = "prod_5h1pp1ng"  # the product that a shop's shipping costs are a line of


class AmountTier(Model):
    """What an amount is where the order comes to so much or more, before any coupon."""

    from_minor: Minor
    amount_off_minor: Minor


class AmountOff(Model):
    """Takes a fixed amount off the order or its lines, never more than they come to.

    Off each line (APPLY_TO_ITEMS), off each unit of it (…_BY_QUANTITY), or once, divided among the
    lines by amount (…_PROPORTIONALLY) or by quantity; `most_together_minor` is the most off all
    lines. Of `tiers`, which rise, the last that the order reaches says the amount.
    """

    type: Literal["AMOUNT"] = "AMOUNT"
    amount_off_minor: Minor
    effect: OrderEffect | ItemsEffect | DividedEffect = "APPLY_TO_ORDER"
    tiers: Annotated[tuple[AmountTier, ...], Field(max_length=MOST_TIERS)] = ()
    most_together_minor: Minor | None = None

    def amount_for(self, order_minor: int) -> int:
        """Return the amount that is taken off an order of that size."""
        amount = self.amount_off_minor
        for tier in self.tiers:
            if order_minor >= tier.from_minor:
                amount = tier.amount_off_minor
        return amount


class PercentOff(Model):
    """Takes a share off the order, or off each line, rounded half up to the minor unit.

    `most_minor` is the most off the order, or off each line; `most_together_minor` off all lines.
    """

    type: Literal["PERCENT"] = "PERCENT"
    basis_points: BasisPoints
    most_minor: Minor | None = None
    effect: OrderEffect | ItemsEffect = "APPLY_TO_ORDER"
    most_together_minor: Minor | None = None


class FixedPrice(Model):
    """Takes off what the order, or each unit, comes to beyond a price; what is cheaper stays."""

    type: Literal["FIXED"] = "FIXED"
    price_minor: Minor
    effect: OrderEffect | ItemsEffect = "APPLY_TO_ORDER"


class Unit(Model):
    """So many of a product or a SKU for nothing: those that are in the order, or further ones."""

    item: Identifier
    quantity: Annotated[int, Field(strict=True, ge=1, le=LARGEST_MINOR)]
    effect: AddingEffect


class FreeUnits(Model):
    """Gives units for nothing; shipping costs too, which are a line of their own."""

    type: Literal["UNIT"] = "UNIT"
    units: Annotated[tuple[Unit, ...], Field(min_length=1, max_length=MOST_UNITS)]


Discount = Annotated[AmountOff | PercentOff | FixedPrice | FreeUnits, Field(discriminator="type")]


def as_voucherify(discount: Discount) -> dict[str, Any]:
    """Write a discount as Voucherify does: whole percents are integers."""
    match discount:
        case AmountOff():
            tiers = [
                {"from_amount": tier.from_minor, "amount_off": tier.amount_off_minor}
                for tier in discount.tiers
            ]
            return {
                "type": "AMOUNT",
                "amount_off": discount.amount_off_minor,
                **_most_together(discount),
                **({"tiers": tiers} if tiers else {}),
                "effect": discount.effect,
            }
        case PercentOff():
            whole, part = divmod(discount.basis_points, 100)
            most = discount.most_minor
            return {
                "type": "PERCENT",
                "percent_off": discount.basis_points / 100 if part else whole,
                **({} if most is None else {"amount_limit": most}),
                **_most_together(discount),
                "effect": discount.effect,
            }
        case FixedPrice():
            return {
                "type": "FIXED",
                "fixed_amount": discount.price_minor,
                "effect": discount.effect,
            }
        case FreeUnits(units=(unit,)):
            return {"type": "UNIT", **_unit(unit)}
        case FreeUnits():
            units = [_unit(unit) for unit in discount.units]
            return {"type": "UNIT", "effect": "ADD_MANY_ITEMS", "units": units}
        case _:
            assert_never(discount)


def _most_together(discount: AmountOff | PercentOff) -> dict[str, int]:
    most = discount.most_together_minor
    return {} if most is None else {"aggregated_amount_limit": most}


def _unit(unit: Unit) -> dict[str, Any]:
    return {"unit_off": unit.quantity, "unit_type": unit.item, "effect": unit.effect}
