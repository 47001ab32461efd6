"""Discounts as Voucherify's clients read them."""

from typing import Any

from contracts.terms import AmountOff, Discount, FixedPrice, PercentOff


def as_voucherify(discount: Discount) -> dict[str, Any]:
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
            most = discount.most_minor
            return {
                "type": "PERCENT",
                "percent_off": whole + part / 100 if part else whole,
                **({} if most is None else {"amount_limit": most}),
                "effect": "APPLY_TO_ORDER",
            }
        case FixedPrice():
            return {
                "type": "FIXED",
                "fixed_amount": discount.price_minor,
                "effect": "APPLY_TO_ORDER",
            }
