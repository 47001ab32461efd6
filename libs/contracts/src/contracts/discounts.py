"""Discounts as Voucherify's clients read them."""

from typing import Any, assert_never

from contracts.terms import AmountOff, Discount, FixedPrice, FreeUnits, PercentOff, Unit


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
