"""Attempts to redeem as lists show them."""

from zoneinfo import ZoneInfo

import pytest
from kit.redemption_samples import terms

from console.web import attempts
from console.web.conditions import Reader
from contracts.terms import Limit
from redemption.claims import limits


@pytest.mark.parametrize(
    ("reason", "is_known"),
    [("not_found", False), ("too_many_requests", False), ("quantity_exceeded", True)],
)
def test_a_code_that_nobody_issued_has_no_page_to_lead_to(reason: str, is_known: bool) -> None:
    told = {
        "id": "rf_1",
        "date": "2026-11-26T12:00:00.000Z",
        "result": "FAILURE",
        "reason": reason,
        "order": None,
        "voucher": {"code": "SUMER"},
        "customer_id": None,
    }
    attempt = attempts.of_ledger(told, ZoneInfo("Europe/Berlin"), "EUR")

    assert attempt.is_known == is_known


@pytest.mark.parametrize(("named", "basket"), [(None, "5,000"), ("EUR", "50.00")])
def test_an_order_that_names_no_currency_is_of_the_projects(named: str | None, basket: str) -> None:
    told = {
        "id": "rf_1",
        "date": "2026-11-26T12:00:00.000Z",
        "result": "FAILURE",
        "reason": "not_found",
        "order": {"amount": 5000, "currency": named},
        "voucher": {"code": "SUMER"},
        "customer_id": None,
    }

    assert attempts.of_ledger(told, ZoneInfo("Asia/Tokyo"), "JPY").basket == basket


@pytest.mark.parametrize(("what", "said"), [("discount", ""), ("order", " for orders")])
def test_a_short_budget_is_told_in_money_wherever_it_is_read(what: str, said: str) -> None:
    limit = Limit(of="campaign", what=what, most=1000, per="month")
    [hint] = [
        each.hint for each in limits.counted(terms(limits=(limit,)), "UTC") if each.limit is limit
    ]
    told = hint.format(limit=1000, left=599, amount=600)

    written = attempts.hint(told, Reader("EUR", ZoneInfo("UTC")))

    assert written == (
        f"the budget of this campaign per month{said} is short: "
        "6.00 EUR are more than 5.99, which are left of 10.00"
    )
