"""What a deal offers and what it earns, in words for people. Pure."""

from decimal import Decimal

from contracts.campaigns import CommissionPlan
from contracts.currencies import major_units
from contracts.terms import AmountOff, Discount, PercentOff

PERCENT = 100


def offer(discount: Discount, currency: str) -> str:
    """Say what a shopper gets, such as `10 % off`."""
    match discount:
        case AmountOff():
            return f"{money(discount.amount_off_minor, currency)} off"
        case PercentOff():
            return f"{percent(discount.basis_points)} off"


def commission(plan: CommissionPlan, currency: str) -> str:
    """Say what a partner earns, such as `5 % of the net + 1.00 EUR per new customer`."""
    parts = []
    if plan.share_basis_points:
        parts.append(f"{percent(plan.share_basis_points)} of the net")
    if plan.flat_minor:
        parts.append(f"{money(plan.flat_minor, currency)} per redemption")
    if plan.new_customer_bonus_minor:
        parts.append(f"{money(plan.new_customer_bonus_minor, currency)} per new customer")
    return " + ".join(parts) or "none"


def percent(basis_points: int) -> str:
    return f"{Decimal(basis_points) / PERCENT:f} %"


def money(minor: int, currency: str) -> str:
    return f"{major_units(minor, currency):f} {currency}"
