"""The form of a code that stands alone: what is stored is sent as it was."""

from typing import Any
from zoneinfo import ZoneInfo

from console.pages.code_form import typed
from console.web.forms import Form
from console.web.terms import Typed

UTC = ZoneInfo("UTC")
TERMS: dict[str, Any] = {
    "start_date": "2026-11-06T17:00:00Z",
    "expiration_date": None,
    "total_limit": 7,
    "per_customer_limit": 1,
    "limits": [
        {
            "of": "customer",
            "per": "day",
            "redemptions": 2,
            "discount_amount": None,
            "orders_amount": None,
        }
    ],
    "validation_rules": ["val_1", "val_2"],
    "category": "Welcome",
    "applicable_to": {"included": [{"object": "sku", "id": "shoe-42"}], "excluded": []},
    "rollback": {"use": False, "budget": True, "on_cancelled_order": True},
    "validity_day_of_week": [5],
    "validity_hours": None,
    "validity_timeframe": {"interval": "P7D", "duration": "PT12H"},
}


def test_an_edit_that_changes_nothing_sends_the_terms_that_were_there() -> None:
    discount = {"type": "PERCENT", "percent_off": 10}
    code = {"discount": discount, "redemption": {"quantity": 3}, "metadata": {}, **TERMS}
    stored = Form().starting(typed.filled(code, Typed(Form(), "EUR", UTC)))
    read = Typed(Form(typed=stored.initial), "EUR", UTC)

    sent = typed.changes(read, is_standalone=True)

    assert not read.faults
    assert {name: sent[name] for name in TERMS} == TERMS
