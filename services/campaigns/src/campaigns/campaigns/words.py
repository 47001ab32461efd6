"""What a deal offers, when and how often, and what it earns, in words for people. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from contracts.campaigns import CommissionPlan
from contracts.currencies import major_units
from contracts.discounts import (
    SHIPPING,
    AmountOff,
    Discount,
    FixedPrice,
    FreeUnits,
    PercentOff,
    Unit,
)
from contracts.terms import Limit
from contracts.validity import Hours, Recurrence, Validity

PERCENT = 100
ON_ORDER: Final = "APPLY_TO_ORDER"
OFF_WHAT: Final = {
    ON_ORDER: "",
    "APPLY_TO_ITEMS": " each line",
    "APPLY_TO_ITEMS_BY_QUANTITY": " each unit",
    "APPLY_TO_ITEMS_PROPORTIONALLY": " the lines",
    "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY": " the lines by quantity",
}
DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
WHOSE: Final = {
    "campaign": "",
    "code": "code",
    "customer": "customer",
    "customer_and_code": "customer and code",
}
UNITS: Final = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def offer(discount: Discount, currency: str) -> str:
    """Say what a shopper gets, such as `10 % off`."""
    match discount:
        case AmountOff():
            return f"{_amounts(discount, currency)} off{_of_what(discount, currency)}"
        case PercentOff():
            most = discount.most_minor
            at_most = "" if most is None else f", {money(most, currency)} at most"
            off = f"{percent(discount.basis_points)} off"
            return f"{off}{_of_what(discount, currency)}{at_most}"
        case FixedPrice():
            what = "all" if discount.effect == ON_ORDER else "each"
            return f"{what} for {money(discount.price_minor, currency)}"
        case FreeUnits():
            return " + ".join(_free(unit) for unit in discount.units)


def _amounts(discount: AmountOff, currency: str) -> str:
    """Say what is off, and from which size of the order on it is more."""
    tiers = [
        f"{money(tier.amount_off_minor, currency)} from {money(tier.from_minor, currency)}"
        for tier in discount.tiers
    ]
    return ", ".join([money(discount.amount_off_minor, currency), *tiers])


def _of_what(discount: AmountOff | PercentOff, currency: str) -> str:
    """Say off what it is where that is not the order, and how much at most of all lines."""
    most = discount.most_together_minor
    at_most = "" if most is None else f", {money(most, currency)} at most together"
    return f"{OFF_WHAT[discount.effect]}{at_most}"


def _free(unit: Unit) -> str:
    return "free shipping" if unit.item == SHIPPING else f"{unit.quantity} × {unit.item} free"


class Worth(NamedTuple):
    """What a discount is worth, a cell each: in major units, None for what its kind has not."""

    type: str
    percent_off: Decimal | None = None
    amount_limit: Decimal | None = None
    amount_off: Decimal | None = None
    fixed_amount: Decimal | None = None


def worth(discount: Discount, currency: str) -> Worth:
    """Return the cells that tables have of a discount."""
    match discount:
        case AmountOff():
            amount = major_units(discount.amount_off_minor, currency)
            return Worth(discount.type, amount_off=amount)
        case PercentOff():
            most = discount.most_minor
            return Worth(
                discount.type,
                percent_off=Decimal(discount.basis_points) / PERCENT,
                amount_limit=None if most is None else major_units(most, currency),
            )
        case FixedPrice():
            price = major_units(discount.price_minor, currency)
            return Worth(discount.type, fixed_amount=price)
        case FreeUnits():
            return Worth(discount.type)


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


def limit(limit: Limit, currency: str) -> str:
    """Say how often or how much, such as `at most 2 redemptions per customer and month`."""
    if limit.what == "discount":
        most = f"{money(limit.most, currency)} of discount"
    elif limit.what == "order":
        most = f"{money(limit.most, currency)} of orders"
    else:
        most = f"{limit.most} redemption{'' if limit.most == 1 else 's'}"
    whose = " and ".join(part for part in (WHOSE[limit.of], limit.per or "") if part)
    return f"at most {most} {f'per {whose}' if whose else 'in all'}"


def limits(limits: Sequence[Limit], currency: str) -> str | None:
    return "; ".join(limit(each, currency) for each in limits) or None


def windows(validity: Validity, time_zone: str) -> str | None:
    """Say when within the dates, such as `Fri 22:00 to 02:00 (Europe/Berlin)`; None is always."""
    parts = []
    if validity.weekdays:
        parts.append(_days(validity.weekdays))
    if validity.hours:
        parts.append(" or ".join(_hours(each) for each in validity.hours))
    if validity.recurrence is not None:
        parts.append(_recurrence(validity.recurrence))
    return f"{'; '.join(parts)} ({time_zone})" if parts else None


def percent(basis_points: int) -> str:
    return f"{Decimal(basis_points) / PERCENT:f} %"


def money(minor: int, currency: str) -> str:
    return f"{major_units(minor, currency):f} {currency}"


def _days(weekdays: Sequence[int]) -> str:
    return ", ".join(DAYS[day] for day in weekdays)


def _hours(hours: Hours) -> str:
    days = _days(hours.weekdays) if hours.weekdays else "every day"
    start, end = (f"{at // 60:02d}:{at % 60:02d}" for at in (hours.from_minute, hours.to_minute))
    return f"{days} {start} to {end}"


def _recurrence(recurrence: Recurrence) -> str:
    lasts, every = _span(recurrence.lasts_seconds), _span(recurrence.every_seconds)
    return f"for {lasts} in every {every}, beginning with the first"


def _span(seconds: int) -> str:
    unit, length = next((unit, length) for unit, length in UNITS if seconds % length == 0)
    number = seconds // length
    return f"{number} {unit}{'' if number == 1 else 's'}"
