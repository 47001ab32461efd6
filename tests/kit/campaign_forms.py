"""A campaign's form at the console as it was typed, and a campaign as the API tells it."""

from typing import Any
from zoneinfo import ZoneInfo

from console.web.forms import Form, Initial
from console.web.terms import Typed

BERLIN = ZoneInfo("Europe/Berlin")
PERCENT_OFF = {"voucher.discount.percent_off": "10"}
ON_ORDER = {"effect": "APPLY_TO_ORDER"}


def reading(values: Initial, zone: ZoneInfo = BERLIN, currency: str = "EUR") -> Typed:
    return Typed(Form(typed=Form().starting(values).initial), currency, zone)


def campaign(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Autumn",
        "partner": "Blog",
        "channel": "newsletter",
        "category": None,
        "start_date": None,
        "expiration_date": None,
        "total_limit": 500,
        "per_customer_limit": None,
        "limits": [],
        "rollback": {"use": True, "budget": False, "on_cancelled_order": False},
        "validity_day_of_week": None,
        "validity_hours": None,
        "validity_timeframe": None,
        "activity_duration_after_publishing": "P30D",
        "join_once": True,
        "validation_rules": ["val_1", "val_2"],
        "description": None,
        "contract_notes": None,
        "deal_url": None,
        "landing_url": None,
        "margin_basis_points": 3050,
        "commission_plan": {
            "share_basis_points": 500,
            "flat_minor": 30,
            "new_customer_bonus_minor": 0,
        },
        "voucher": {
            "discount": {"type": "PERCENT", "percent_off": 15.5, "amount_limit": None} | ON_ORDER,
            "redemption": {"quantity": None, "quantity_given": False},
            "code_config": {
                "prefix": "A-",
                "postfix": "",
                "pattern": None,
                "length": 11,
                "charset": "0123456789",
            },
        },
        **changed,
    }
