"""A campaign of the API as its form is filled. Pure: `typed` reads it as it was."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.design.words import say
from console.format import money
from console.pages.campaign_form.typed import CONFIG, NO_LIMIT, PER_CODE, UNIQUE
from console.web import (
    applicable,
    discount_fields,
    limit_rows,
    publishing,
    rollback_fields,
    rule_choice,
    terms,
    window_fields,
)
from console.web.terms import Typed

TEXTS: Final = ("description", "contract_notes", "deal_url", "landing_url")
# What a new form begins with: the usual code is one shopper's own.
EMPTY: Final[Mapping[str, str]] = {
    "codes": UNIQUE,
    "vouchers_count": "",
    discount_fields.TYPE: discount_fields.PERCENT,
    **rollback_fields.USUAL,
    "sample_order": "100",
}


def values(campaign: Mapping[str, Any], typed: Typed) -> dict[str, str | Sequence[str]]:
    """Return what stands in each field for this campaign; empty where it says nothing."""
    template, plan, currency = campaign["voucher"], campaign["commission_plan"], typed.currency
    redemption = template["redemption"]
    unlimited = redemption["quantity_given"] and redemption["quantity"] is None
    config = template["code_config"]
    # What is shown as the length of a pattern is the pattern's.
    length = "" if config.get("pattern") else terms.text(config.get("length"))
    bonus = plan["new_customer_bonus_minor"]
    return {
        **{name: campaign[name] or "" for name in TEXTS},
        **{f"voucher.code_config.{n}": terms.text(config.get(n)) for n in CONFIG},
        **discount_fields.filled(template["discount"], currency),
        **terms.filled(campaign, typed.zone),
        **rollback_fields.filled(campaign["rollback"]),
        **applicable.filled(campaign.get("applicable_to")),
        **window_fields.filled(campaign),
        **publishing.filled(campaign),
        **limit_rows.filled(campaign["limits"], currency),
        rule_choice.FIELD: campaign["validation_rules"],
        "voucher.code_config.length": length,
        "name": campaign["name"],
        "partner": campaign["partner"],
        "channel": campaign["channel"],
        "category": campaign["category"] or "",
        "total_limit": terms.text(campaign["total_limit"]),
        "per_customer_limit": terms.text(campaign["per_customer_limit"]),
        "margin_basis_points": terms.percent(campaign["margin_basis_points"]),
        "commission_plan.share_basis_points": terms.percent(plan["share_basis_points"]),
        "commission_plan.flat_minor": _amount(plan["flat_minor"], currency),
        "commission_plan.new_customer_bonus_minor": _amount(bonus, currency),
        PER_CODE: terms.text(redemption["quantity"]),
        NO_LIMIT: "on" if unlimited else "",
        "codes": UNIQUE,
        "sample_order": EMPTY["sample_order"],
    }


def copied(campaign: Mapping[str, Any], typed: Typed) -> dict[str, str | Sequence[str]]:
    """Return what a copy begins with. Once is left empty: it must not hold for a public code."""
    found = values(campaign, typed)
    once = {PER_CODE: ""} if found[PER_CODE] == "1" else {}
    return found | once | {"name": say("campaign_form.copy_of", name=campaign["name"])}


def _amount(minor: int, currency: str) -> str:
    return money.plain(minor, currency) if minor else ""
