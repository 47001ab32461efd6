"""A campaign of the API as its form is filled. Pure: `typed` reads it as it was."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from console.format import instants, money
from console.pages.campaign_form.typed import AMOUNT, PERCENT, UNIQUE

MIDNIGHT: Final = time()
Values = dict[str, str]

# What a new form begins with: the usual code is one shopper's own and for one use.
EMPTY: Final[Mapping[str, str]] = {
    "codes": UNIQUE,
    "vouchers_count": "",
    "voucher.discount.type": PERCENT,
    "voucher.redemption.quantity": "1",
    "sample_order": "100",
}


def values(campaign: Mapping[str, Any], currency: str, zone: ZoneInfo) -> Values:
    """Return what stands in each field for this campaign; empty where it says nothing."""
    template, plan = campaign["voucher"], campaign["commission_plan"]
    discount, config = template["discount"], template["code_config"]
    is_amount = discount["type"] == AMOUNT
    start_day, start_time = _begin(campaign["start_date"], zone)
    end_day, end_time = _end(campaign["expiration_date"], zone)
    plain = {name: campaign[name] or "" for name in _TEXTS}
    config_texts = {f"voucher.code_config.{n}": _text(config.get(n)) for n in _CONFIG}
    if config.get("pattern"):  # its length is the pattern's
        config_texts["voucher.code_config.length"] = ""
    return {
        **plain,
        **config_texts,
        "name": campaign["name"],
        "partner": campaign["partner"],
        "channel": campaign["channel"],
        "category": campaign["category"] or "",
        "start_date": start_day,
        "start_time": start_time,
        "expiration_date": end_day,
        "expiration_time": end_time,
        "total_limit": _text(campaign["total_limit"]),
        "per_customer_limit": _text(campaign["per_customer_limit"]),
        "margin_basis_points": _percent(campaign["margin_basis_points"]),
        "commission_plan.share_basis_points": _percent(plan["share_basis_points"]),
        "commission_plan.flat_minor": _amount(plan["flat_minor"], currency),
        "commission_plan.new_customer_bonus_minor": _amount(
            plan["new_customer_bonus_minor"], currency
        ),
        "voucher.discount.type": discount["type"],
        "voucher.discount.percent_off": "" if is_amount else _text(discount["percent_off"]),
        "voucher.discount.amount_off": money.plain(discount["amount_off"], currency)
        if is_amount
        else "",
        "voucher.redemption.quantity": _text(template["redemption"]["quantity"]),
        "codes": UNIQUE,
        "sample_order": EMPTY["sample_order"],
    }


_TEXTS: Final = ("description", "contract_notes", "deal_url", "landing_url")
_CONFIG: Final = ("prefix", "postfix", "pattern", "length", "charset")


def _begin(start: str | None, zone: ZoneInfo) -> tuple[str, str]:
    if start is None:
        return "", ""
    local = instants.read(start).astimezone(zone)
    at = "" if instants.begin_of(local.date(), zone) == local else f"{local:%H:%M}"
    return local.date().isoformat(), at


def _end(end: str | None, zone: ZoneInfo) -> tuple[str, str]:
    """Say which day is the last, where a day's end is meant; else the day and its time."""
    if end is None:
        return "", ""
    local = instants.read(end).astimezone(zone)
    before = date.fromordinal(local.date().toordinal() - 1)
    if instants.end_of(before, zone) == local:
        return before.isoformat(), ""
    return local.date().isoformat(), f"{local:%H:%M}"


def _percent(basis_points: int) -> str:
    share = Decimal(basis_points) / 100
    return f"{share:f}".rstrip("0").rstrip(".") if "." in f"{share:f}" else f"{share:f}"


def _amount(minor: int, currency: str) -> str:
    return money.plain(minor, currency) if minor else ""


def _text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
