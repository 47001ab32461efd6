"""Discounts as Voucherify's clients read them."""

from typing import Any

from contracts.terms import AmountOff, Discount, PercentOff


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
            return {
                "type": "PERCENT",
                "percent_off": whole + part / 100 if part else whole,
                "effect": "APPLY_TO_ORDER",
            }
