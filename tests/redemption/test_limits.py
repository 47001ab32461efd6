"""Every limit: what is loaded, tested and taken follows from the claims."""

from typing import Any

import pytest
from kit.redemption_samples import (
    CAMPAIGN,
    CODE,
    CUSTOMER_KEY,
    PROJECT,
    a_request,
    an_offer,
    some_uses,
    terms,
)

from contracts import ids
from contracts.redemptions import Reason
from redemption import limits
from redemption.model import CounterKey, Refusal

ANNA = ids.customer(CUSTOMER_KEY, PROJECT, "anna")


def refusal(
    offer: dict[str, Any], asked: dict[str, Any], uses: dict[str, Any], project: str = PROJECT
) -> Refusal | None:
    claims = limits.claims(an_offer(project=project, **offer), a_request(project=project, **asked))
    return limits.check(claims, some_uses(**uses), {})


def case(
    name: str,
    reason: Reason | None,
    offer: dict[str, Any] | None = None,
    uses: dict[str, Any] | None = None,
    customer: str | None = None,
) -> Any:
    return pytest.param(offer or {}, {"customer": customer}, uses or {}, reason, id=name)


@pytest.mark.parametrize(
    ("offer", "asked", "uses", "reason"),
    [
        case("nothing-is-limited", None, uses={"campaign": 9, "code": 9}),
        case("last-use-of-the-code", None, {"quantity": 3}, {"code": 2}),
        case("code-used-up", Reason.QUANTITY_EXCEEDED, {"quantity": 3}, {"code": 3}),
        case("code-without-any-use", Reason.QUANTITY_EXCEEDED, {"quantity": 0}),
        case("last-use-of-the-campaign", None, {"total_limit": 9}, {"campaign": 8}),
        case(
            "campaign-used-up",
            Reason.CAMPAIGN_LIMIT_EXCEEDED,
            {"total_limit": 9},
            {"campaign": 9},
        ),
        case(
            "limit-lowered-below-what-is-used",
            Reason.CAMPAIGN_LIMIT_EXCEEDED,
            {"total_limit": 5},
            {"campaign": 9},
        ),
        case("customers-first-use", None, {"per_customer_limit": 1}, customer="anna"),
        case(
            "customers-last-use",
            None,
            {"per_customer_limit": 2},
            {"customers": {ANNA: 1}},
            customer="anna",
        ),
        case(
            "customer-used-up",
            Reason.CUSTOMER_LIMIT_EXCEEDED,
            {"per_customer_limit": 2},
            {"customers": {ANNA: 2}},
            customer="anna",
        ),
        case(
            "another-customers-uses-do-not-count",
            None,
            {"per_customer_limit": 2},
            {"customers": {ANNA: 2}},
            customer="bert",
        ),
        case(
            "limited-per-customer-but-nobody-named",
            Reason.MISSING_CUSTOMER,
            {"per_customer_limit": 2},
        ),
        case("unlimited-and-nobody-named", None),
    ],
)
def test_a_refusal_has_a_stable_reason(
    offer: dict[str, Any], asked: dict[str, Any], uses: dict[str, Any], reason: Reason | None
) -> None:
    found = refusal(offer, asked, uses)

    assert (found and found.reason) == reason


@pytest.mark.parametrize(
    ("offer", "customer", "uses", "hint"),
    [
        ({"quantity": 3}, None, {"code": 3}, "the limit of this code is reached: 3"),
        ({"total_limit": 4}, None, {"campaign": 4}, "the limit of this campaign is reached: 4"),
        (
            {"per_customer_limit": 5},
            "anna",
            {"customers": {ANNA: 5}},
            "the limit of this customer is reached: 5",
        ),
        ({"per_customer_limit": 5}, None, {}, "this campaign is limited per customer: name one"),
    ],
)
def test_a_refusal_says_what_would_have_made_it_pass(
    offer: dict[str, Any], customer: str | None, uses: dict[str, Any], hint: str
) -> None:
    found = refusal(offer, {"customer": customer}, uses)

    assert found is not None
    assert found.hint == hint


def test_counts_of_another_project_are_another_matter() -> None:
    offer, used_here = {"quantity": 1, "total_limit": 1}, {"campaign": 5, "code": 5}

    assert refusal(offer, {}, used_here, project="proj_b") is None
    assert refusal(offer, {}, used_here)


def test_what_this_request_took_counts_like_what_others_used() -> None:
    claims = limits.claims(an_offer(total_limit=3), a_request())
    taken: dict[CounterKey, int] = {}

    results = []
    for _ in range(3):
        results.append(limits.check(claims, some_uses(campaign=1), taken))
        limits.take(claims, taken)

    assert [found and found.reason for found in results] == [
        None,
        None,
        Reason.CAMPAIGN_LIMIT_EXCEEDED,
    ]
    assert limits.uses_of_code(claims, some_uses(code=4), taken) == 4 + 3


@pytest.mark.parametrize("per_customer_limit", [None, 0, 1])
def test_every_kind_that_is_counted_is_claimed_and_no_other(per_customer_limit: int | None) -> None:
    offer = an_offer(per_customer_limit=per_customer_limit)

    claimed = {c.counter.kind for c in limits.claims(offer, a_request(customer="anna"))}

    assert claimed == limits.kinds(terms(per_customer_limit=per_customer_limit))
    assert (limits.CUSTOMER in claimed) == (per_customer_limit is not None)


def test_a_claim_names_its_campaign_and_its_subject() -> None:
    claims = limits.claims(an_offer(per_customer_limit=1), a_request(customer="anna"))

    assert {claim.counter for claim in claims} == {
        CounterKey(PROJECT, CAMPAIGN, limits.CODE, CODE),
        CounterKey(PROJECT, CAMPAIGN, limits.CAMPAIGN, ""),
        CounterKey(PROJECT, CAMPAIGN, limits.CUSTOMER, ANNA),
    }
