"""The table of refusals. Its order, top to bottom, is the order in which they are given."""

from typing import Any

import pytest
from kit.redemption_samples import (
    CODE,
    DAY,
    NOON,
    PROJECT,
    TICK,
    a_request,
    an_offer,
    some_uses,
)
from redemption.decisions import Refusal
from redemption.rules import OBJECTIONS, UNKNOWN_CODE, refuse

from contracts import ids
from contracts.campaigns import PercentOff
from contracts.redemptions import Reason

ANNA = a_request(customer="anna").customer_id or ""


def case(
    name: str,
    reason: Reason | None,
    offer: dict[str, Any] | None = None,
    request: dict[str, Any] | None = None,
    uses: dict[str, Any] | None = None,
) -> Any:
    return pytest.param(offer or {}, request or {}, uses or {}, reason, id=name)


CASES = [
    case("no-limits-no-objection", None),
    case("nothing-sent-but-the-code", None, request={"amount": None}),
    case("campaign-switched-off", Reason.CAMPAIGN_INACTIVE, {"campaign_active": False}),
    case("code-switched-off", Reason.VOUCHER_DISABLED, {"voucher_active": False}),
    case("before-the-start", Reason.VOUCHER_NOT_ACTIVE, {"starts_at": NOON + TICK}),
    case("start-is-inclusive", None, {"starts_at": NOON}),
    case("just-before-the-end", None, {"ends_at": NOON + TICK}),
    case("end-is-exclusive", Reason.VOUCHER_EXPIRED, {"ends_at": NOON}),
    case("after-the-end", Reason.VOUCHER_EXPIRED, {"ends_at": NOON - DAY}),
    case("last-use-of-the-code", None, {"quantity": 3}, uses={"code": 2}),
    case("code-used-up", Reason.QUANTITY_EXCEEDED, {"quantity": 3}, uses={"code": 3}),
    case("code-without-any-use", Reason.QUANTITY_EXCEEDED, {"quantity": 0}),
    case("last-use-of-the-campaign", None, {"total_limit": 9}, uses={"campaign": 8}),
    case(
        "campaign-used-up",
        Reason.CAMPAIGN_LIMIT_EXCEEDED,
        {"total_limit": 9},
        uses={"campaign": 9},
    ),
    case(
        "limit-lowered-below-what-is-used",
        Reason.CAMPAIGN_LIMIT_EXCEEDED,
        {"total_limit": 5},
        uses={"campaign": 9},
    ),
    case("customers-first-use", None, {"per_customer_limit": 1}, {"customer": "anna"}),
    case(
        "customers-last-use",
        None,
        {"per_customer_limit": 2},
        {"customer": "anna"},
        {"customers": {ANNA: 1}},
    ),
    case(
        "customer-used-up",
        Reason.CUSTOMER_LIMIT_EXCEEDED,
        {"per_customer_limit": 2},
        {"customer": "anna"},
        {"customers": {ANNA: 2}},
    ),
    case(
        "another-customers-uses-do-not-count",
        None,
        {"per_customer_limit": 2},
        {"customer": "bert"},
        {"customers": {ANNA: 2}},
    ),
    case(
        "limited-per-customer-but-nobody-named", Reason.MISSING_CUSTOMER, {"per_customer_limit": 2}
    ),
    case("unlimited-and-nobody-named", None, request={"customer": None}),
    case(
        "percentage-of-no-order",
        Reason.MISSING_ORDER,
        {"discount": PercentOff(basis_points=1000)},
        {"amount": None},
    ),
    case("percentage-of-an-order", None, {"discount": PercentOff(basis_points=1000)}),
    case("amount-in-the-campaigns-currency", None, request={"currency": "EUR"}),
    case("amount-in-another-currency", Reason.INVALID_ORDER, request={"currency": "USD"}),
    case("amount-without-a-currency", None, request={"currency": None}),
]


@pytest.mark.parametrize(("offer", "request_", "uses", "reason"), CASES)
def test_a_refusal_has_a_stable_reason(
    offer: dict[str, Any], request_: dict[str, Any], uses: dict[str, Any], reason: Reason | None
) -> None:
    refusal = refuse(an_offer(**offer), a_request(**request_), some_uses(**uses))

    assert (refusal and refusal.reason) == reason


# Everything is wrong at once; each step mends what was objected to, and the next reason appears.
MENDED: list[tuple[Reason, dict[str, Any], dict[str, Any]]] = [
    (Reason.CAMPAIGN_INACTIVE, {"campaign_active": True}, {}),
    (Reason.VOUCHER_DISABLED, {"voucher_active": True}, {}),
    (Reason.VOUCHER_NOT_ACTIVE, {"starts_at": None}, {}),
    (Reason.VOUCHER_EXPIRED, {"ends_at": None}, {}),
    (Reason.QUANTITY_EXCEEDED, {"quantity": 2}, {}),
    (Reason.CAMPAIGN_LIMIT_EXCEEDED, {"total_limit": 2}, {}),
    (Reason.MISSING_CUSTOMER, {}, {"customer": "anna"}),
    (Reason.CUSTOMER_LIMIT_EXCEEDED, {"per_customer_limit": 2}, {}),
    (Reason.MISSING_ORDER, {}, {"amount": 100, "currency": "USD"}),
    (Reason.INVALID_ORDER, {}, {"currency": "EUR"}),
]


def test_of_several_reasons_the_first_of_the_promised_order_is_given() -> None:
    offer = an_offer(
        campaign_active=False,
        voucher_active=False,
        starts_at=NOON + DAY,
        ends_at=NOON,
        quantity=1,
        total_limit=1,
        per_customer_limit=1,
        discount=PercentOff(basis_points=1000),
    )
    asked: dict[str, Any] = {"amount": None}
    uses = some_uses(campaign=1, code=1, customers={ANNA: 1})
    given = []

    for _, terms, corrections in MENDED:
        refusal = refuse(offer, a_request(**asked), uses)
        given.append(refusal and refusal.reason)
        offer, asked = offer._replace(**terms), asked | corrections

    assert given == [reason for reason, *_ in MENDED]
    assert refuse(offer, a_request(**asked), uses) is None


def test_every_reason_but_an_unknown_code_is_somebodys_objection() -> None:
    assert {reason for reason, *_ in MENDED} == set(Reason) - {UNKNOWN_CODE.reason}
    assert len(OBJECTIONS) == 8


@pytest.mark.parametrize(
    ("offer", "asked", "uses", "hint"),
    [
        ({"starts_at": NOON + DAY}, {}, {}, "valid from 2026-11-24T12:00:00.000Z"),
        ({"ends_at": NOON - DAY}, {}, {}, "was valid until 2026-11-22T12:00:00.000Z"),
        ({"quantity": 3}, {}, {"code": 3}, "all 3 uses of this code are taken"),
        ({"total_limit": 4}, {}, {"campaign": 4}, "all 4 uses of this campaign are taken"),
        ({"currency": "PLN"}, {"currency": "EUR"}, {}, "order amounts must be in PLN"),
    ],
)
def test_a_refusal_says_what_would_have_made_it_pass(
    offer: dict[str, Any], asked: dict[str, Any], uses: dict[str, Any], hint: str
) -> None:
    refusal = refuse(an_offer(**offer), a_request(**asked), some_uses(**uses))

    assert refusal is not None
    assert refusal.hint == hint


def test_an_unknown_code_tells_nothing_about_codes() -> None:
    assert Refusal(Reason.NOT_FOUND, hint="") == UNKNOWN_CODE


def test_counts_of_another_project_are_another_matter() -> None:
    uses = some_uses(campaign=5, code=5)
    uses.of_campaign["proj_b", "camp_1"] = uses.of_code["proj_b", CODE] = 0

    elsewhere = a_request(project="proj_b")

    assert refuse(an_offer(quantity=1, total_limit=1), elsewhere, uses) is None
    assert refuse(an_offer(quantity=1, total_limit=1), a_request(project=PROJECT), uses)


def test_the_customer_in_a_request_is_a_pseudonym() -> None:
    assert ids.customer(b"the key of this installation", PROJECT, "anna") == ANNA
