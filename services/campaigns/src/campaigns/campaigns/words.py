"""What a deal offers and what it earns, in words for people. Pure."""

from decimal import Decimal
from typing import TypeAlias

from contracts.campaigns import CommissionPlan
from contracts.currencies import major_units
from contracts.terms import AmountOff, Discount, FixedPrice, PercentOff

PERCENT = 100

Amount: TypeAlias = Decimal | None


def offer(discount: Discount, currency: str) -> str:
    """Say what a shopper gets, such as `10 % off`."""
    match discount:
        case AmountOff():
            return f"{money(discount.amount_off_minor, currency)} off"
        case PercentOff():
            most = discount.most_minor
            at_most = "" if most is None else f", {money(most, currency)} at most"
            return f"{percent(discount.basis_points)} off{at_most}"
        case FixedPrice():
            return f"all for {money(discount.price_minor, currency)}"


def cells(discount: Discount, currency: str) -> tuple[str, Amount, Amount, Amount, Amount]:
    """Return its type, percents off, the most that is taken off, the amount off, the fixed price.

    Amounts in major units; what a kind of discount does not have is None.
    """
    match discount:
        case AmountOff():
            return discount.type, None, None, major_units(discount.amount_off_minor, currency), None
        case PercentOff():
            most = discount.most_minor
            share = Decimal(discount.basis_points) / PERCENT
            at_most = None if most is None else major_units(most, currency)
            return discount.type, share, at_most, None, None
        case FixedPrice():
            return discount.type, None, None, None, major_units(discount.price_minor, currency)


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
