"""What a deal offers, when and how often, and what it earns, in words for people. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from contracts.campaigns import CommissionPlan
from contracts.currencies import major_units
from contracts.terms import (
    AmountOff,
    Discount,
    FixedPrice,
    Hours,
    Limit,
    PercentOff,
    Recurrence,
    Validity,
)

PERCENT = 100
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
            return f"{money(discount.amount_off_minor, currency)} off"
        case PercentOff():
            most = discount.most_minor
            at_most = "" if most is None else f", {money(most, currency)} at most"
            return f"{percent(discount.basis_points)} off{at_most}"
        case FixedPrice():
            return f"all for {money(discount.price_minor, currency)}"


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
