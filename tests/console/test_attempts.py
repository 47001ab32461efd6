"""Attempts to redeem as lists show them."""

from zoneinfo import ZoneInfo

import pytest

from console.web import attempts


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
