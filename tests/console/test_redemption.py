"""The page of one attempt, of what the API says."""

from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from console import query
from console.pages.redemption.view import About, view
from console.pages.try_code.typed import NAMES

AT = "2026-11-26T16:06:00.000Z"


def attempt(result: str, order: dict[str, Any] | None) -> dict[str, Any]:
    nothing = dict.fromkeys(("explanation", "hint", "campaign_version", "tracking_id", "claims"))
    return nothing | {
        "id": "rf_1",
        "result": result,
        "reason": "voucher_expired",
        "voucher": {"code": "A&B"},
        "order": order,
        "customer_id": "cust_1",
        "caller": {"kind": "key", "id": "key_1"},
        "request_key": "k",
        **dict.fromkeys(("date", "judged_at", "decided_at"), AT),
    }


@pytest.mark.parametrize(
    ("order", "asked"),
    [
        ({"amount": 4990, "currency": "EUR"}, {"code": "A&B", "amount": "49.90"}),
        ({"amount": 4990, "currency": None}, {"code": "A&B", "amount": "49.90"}),
        ({"amount": 4990, "currency": "JPY"}, {"code": "A&B"}),
        (None, {"code": "A&B"}),
    ],
)
def test_a_refused_attempt_can_be_tried_again_with_its_code_and_basket(
    order: dict[str, Any] | None, asked: dict[str, str]
) -> None:
    shown = view(attempt("FAILURE", order), ZoneInfo("Europe/Berlin"), "EUR", ())

    pairs = parse_qsl(shown.again, strict_parsing=True)
    assert dict(pairs) == asked
    assert query.read(NAMES, pairs).written() == f"?{shown.again}"


def test_the_page_leads_to_a_customer_and_an_order_that_there_are() -> None:
    order = {"amount": 4990, "currency": "EUR", "source_id": "o-1", "total_discount_amount": 499}
    about = About({"id": "cust_1", "email": "ann@shop.example"}, {"id": "ord_1"})
    zone = ZoneInfo("Europe/Berlin")

    shown = view(attempt("SUCCESS", order), zone, "EUR", (), about)
    refused = view(attempt("FAILURE", order), zone, "EUR", ())

    assert shown.customer == ("cust_1", "ann@shop.example")
    assert shown.order == ("ord_1", "o-1")
    assert (refused.customer, refused.order) == (None, None)


def test_what_would_have_made_it_pass_is_said_in_the_currency_of_the_order() -> None:
    order = {"amount": 4990, "currency": "EUR", "total_discount_amount": 0}
    short = {"budget_minor": 5000, "left_minor": 0, "amount_short": 1000}
    told = attempt("FAILURE", order) | {"would_pass": short}

    shown = view(told, ZoneInfo("Europe/Berlin"), "EUR", ())

    assert shown.passing == ["A budget with 10.00 EUR more: 0.00 of 50.00 EUR are left"]


def test_what_was_redeemed_is_not_tried_again() -> None:
    order = {"amount": 4990, "currency": "EUR", "total_discount_amount": 499}

    assert not view(attempt("SUCCESS", order), ZoneInfo("Europe/Berlin"), "EUR", ()).again
