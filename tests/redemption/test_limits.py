"""Every limit: what is loaded, tested and taken follows from the claims."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from kit.redemption_samples import (
    CAMPAIGN,
    CODE,
    CUSTOMER_KEY,
    NOON,
    PROJECT,
    ZONE,
    a_request,
    an_offer,
    some_uses,
    terms,
)

from contracts import ids
from contracts.redemptions import Reason
from contracts.terms import Limit
from redemption.claims import limits
from redemption.claims.limits import Taken
from redemption.decide.facts import Facts
from redemption.model import Claim, CounterKey, Offer, Refusal, Request

ANNA = ids.customer(CUSTOMER_KEY, PROJECT, "anna")

HOUR = timedelta(hours=1)
ANYTHING = Taken(discount_minor=1, order_minor=1)


def claims_of(offer: Offer, request: Request, taken: Taken) -> tuple[Claim, ...]:
    """Return what one use of an offer needs, as facts gather it."""
    return Facts({}, {}).claims(offer, request, taken.discount_minor)


def refusal(
    offer: dict[str, Any], asked: dict[str, Any], uses: dict[str, Any], project: str = PROJECT
) -> Refusal | None:
    claims = claims_of(
        an_offer(project=project, **offer), a_request(project=project, **asked), ANYTHING
    )
    return limits.check(claims, some_uses(**uses), {}, an_offer(), NOON)


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
    if found.reason is Reason.MISSING_CUSTOMER:
        assert found.would_pass == {"missing": "customer"}
    else:
        assert found.would_pass == {"limit": int(hint.rsplit(maxsplit=1)[-1]), "uses_left": 0}


def test_counts_of_another_project_are_another_matter() -> None:
    offer, used_here = {"quantity": 1, "total_limit": 1}, {"campaign": 5, "code": 5}

    assert refusal(offer, {}, used_here, project="proj_b") is None
    assert refusal(offer, {}, used_here)


def test_what_this_request_took_counts_like_what_others_used() -> None:
    claims = claims_of(an_offer(total_limit=3), a_request(), ANYTHING)
    taken: dict[CounterKey, int] = {}

    results = []
    for _ in range(3):
        results.append(limits.check(claims, some_uses(campaign=1), taken, an_offer(), NOON))
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

    claimed = {c.counter.kind for c in claims_of(offer, a_request(customer="anna"), ANYTHING)}

    counted = limits.kinds(terms(per_customer_limit=per_customer_limit), ZONE)
    assert claimed == {limits.CODE, limits.CAMPAIGN} | counted
    assert (limits.CUSTOMER in claimed) == (per_customer_limit is not None)


def test_a_claim_names_its_campaign_and_its_subject() -> None:
    claims = claims_of(an_offer(per_customer_limit=1), a_request(customer="anna"), ANYTHING)

    assert {claim.counter for claim in claims} == {
        CounterKey(PROJECT, CAMPAIGN, limits.CODE, CODE),
        CounterKey(PROJECT, CAMPAIGN, limits.CAMPAIGN, ""),
        CounterKey(PROJECT, CAMPAIGN, limits.CUSTOMER, ANNA),
    }


def subject_of(limit: Limit, at: datetime = NOON, zone: str = ZONE) -> str:
    offer = an_offer(limits=(limit,), time_zone=zone)
    [claim] = claims_of(offer, a_request(customer="anna", at=at), ANYTHING)[2:]
    return claim.counter.subject


@pytest.mark.parametrize(
    ("limit", "subject"),
    [
        (Limit(of="campaign", per="day", most=1), "2026-11-23"),
        (Limit(of="campaign", per="week", most=1), "2026-W48"),
        (Limit(of="code", per="month", most=1), "2026-11 SUMMER"),
        (Limit(of="customer", per="day", most=1), f"2026-11-23 {ANNA}"),
        (Limit(of="customer_and_code", most=1), f"{ANNA} SUMMER"),
        (Limit(of="campaign", what="discount", most=1), ""),
    ],
)
def test_each_thing_in_each_period_has_a_counter_of_its_own(limit: Limit, subject: str) -> None:
    assert subject_of(limit) == subject


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Europe/Berlin", "2026-11-22T22:59:59.999+00:00", "2026-11-22"),
        ("Europe/Berlin", "2026-11-22T23:00:00+00:00", "2026-11-23"),
        ("Europe/Berlin", "2026-06-30T22:00:00+00:00", "2026-07-01"),
        ("America/New_York", "2026-11-23T04:59:59+00:00", "2026-11-22"),
        # The night in which clocks go back has one day of 25 hours.
        ("Europe/Berlin", "2026-10-24T22:00:00+00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T22:59:59+00:00", "2026-10-25"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "2011-12-30T09:59:59+00:00", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00:00+00:00", "2011-12-31"),
    ],
)
def test_a_day_is_that_of_the_projects_clock(zone: str, at: str, day: str) -> None:
    daily = Limit(of="campaign", per="day", most=1)

    assert subject_of(daily, datetime.fromisoformat(at), zone) == day


def test_a_week_is_the_one_of_iso_8601() -> None:
    weekly = Limit(of="campaign", per="week", most=1)

    newyear = [
        datetime.fromisoformat(f"{day}T12:00:00+00:00") for day in ("2026-12-31", "2027-01-03")
    ]
    assert {subject_of(weekly, day) for day in newyear} == {"2026-W53"}


def test_by_another_clock_it_is_another_counter() -> None:
    daily = terms(limits=(Limit(of="campaign", per="day", most=1),))
    always = terms(limits=(Limit(of="campaign", what="discount", most=1),))

    assert limits.kinds(daily, ZONE).isdisjoint(limits.kinds(daily, "UTC"))
    assert limits.kinds(always, ZONE) == limits.kinds(always, "UTC")


BUDGET = Limit(of="campaign", what="discount", most=1000)
DAILY_BUDGET = Limit(of="campaign", per="day", what="discount", most=1000)


@pytest.mark.parametrize(
    ("used", "discount", "hint"),
    [
        (400, 600, None),
        (
            401,
            600,
            "the budget of this campaign is short: 600 of 599 left of 1000",
        ),
        (
            1000,
            1,
            "the budget of this campaign is short: 1 of 0 left of 1000",
        ),
        (
            1200,
            1,
            "the budget of this campaign is short: 1 of 0 left of 1000",
        ),
        (1200, 0, None),  # which takes nothing
    ],
)
def test_a_budget_is_of_money(used: int, discount: int, hint: str | None) -> None:
    claims = claims_of(an_offer(limits=(BUDGET,)), a_request(), Taken(discount, 0))
    counter = CounterKey(PROJECT, CAMPAIGN, "discount of campaign", "")

    found = limits.check(claims, {counter: used}, {}, an_offer(), NOON)

    assert (found and found.hint) == hint
    if found is not None:
        left = max(0, 1000 - used)
        assert found.reason is Reason.BUDGET_EXCEEDED
        assert found.would_pass == {
            "budget_minor": 1000,
            "left_minor": left,
            "amount_short": discount - left,
        }


def test_a_budget_of_each_customer_needs_one_even_where_nothing_is_taken_off() -> None:
    budget = Limit(of="customer", what="discount", most=1000)
    claims = claims_of(an_offer(limits=(budget,)), a_request(), Taken(0, 0))

    found = limits.check(claims, {}, {}, an_offer(), NOON)

    assert found is not None
    assert found.reason is Reason.MISSING_CUSTOMER


def test_limits_are_tested_in_one_order_however_they_were_written() -> None:
    others = (
        BUDGET,
        Limit(of="customer", per="day", most=1),
        Limit(of="campaign", per="month", most=1),
        Limit(of="customer_and_code", most=1),
    )
    orders = [
        [
            c.reason
            for c in claims_of(
                an_offer(limits=each, per_customer_limit=1), a_request(customer="anna"), ANYTHING
            )
        ]
        for each in (others, others[::-1])
    ]

    assert orders[0] == orders[1]
    assert orders[0] == [
        Reason.QUANTITY_EXCEEDED,
        Reason.CAMPAIGN_LIMIT_EXCEEDED,
        Reason.CUSTOMER_LIMIT_EXCEEDED,
        Reason.CUSTOMER_LIMIT_EXCEEDED,
        Reason.PERIOD_LIMIT_EXCEEDED,
        Reason.PERIOD_LIMIT_EXCEEDED,
        Reason.BUDGET_EXCEEDED,
    ]


DAILY = Limit(of="campaign", per="day", most=2)
MIDNIGHT = "2026-11-23T23:00:00.000Z"  # after NOON, in Berlin


@pytest.mark.parametrize(
    ("limit", "used", "discount", "offer", "resets_at"),
    [
        pytest.param(DAILY, 2, 1, {}, MIDNIGHT, id="per-day"),
        pytest.param(
            Limit(of="campaign", per="week", most=2),
            2,
            1,
            {},
            "2026-11-29T23:00:00.000Z",
            id="per-week",
        ),
        pytest.param(DAILY, 2, 1, {"ends_at": NOON + 12 * HOUR}, MIDNIGHT, id="ends-behind-it"),
        pytest.param(DAILY, 2, 1, {"ends_at": NOON + 11 * HOUR}, None, id="is-over-by-then"),
        pytest.param(Limit(of="campaign", per="day", most=0), 0, 1, {}, None, id="of-nothing"),
        pytest.param(DAILY_BUDGET, 900, 101, {}, MIDNIGHT, id="budget"),
        pytest.param(DAILY_BUDGET, 900, 1000, {}, MIDNIGHT, id="all-of-a-budget"),
        pytest.param(DAILY_BUDGET, 0, 1001, {}, None, id="more-than-a-budget"),
        pytest.param(BUDGET, 900, 101, {}, None, id="without-a-period"),
    ],
)
def test_a_limit_of_a_period_tells_when_the_next_one_begins(
    limit: Limit, used: int, discount: int, offer: dict[str, Any], resets_at: str | None
) -> None:
    offered = an_offer(limits=(limit,), **offer)
    claims = claims_of(offered, a_request(), Taken(discount, 0))

    found = limits.check(claims, {claims[-1].counter: used}, {}, offered, NOON)

    assert found is not None
    assert (found.would_pass or {}).get("resets_at") == resets_at


@pytest.mark.parametrize(
    ("used", "taken", "resets_at"),
    [
        pytest.param(1, 1, MIDNIGHT, id="it-would-do-tomorrow"),
        pytest.param(0, 2, None, id="too-many-in-one-request"),
    ],
)
def test_what_one_request_takes_of_a_limit_is_as_much_tomorrow(
    used: int, taken: int, resets_at: str | None
) -> None:
    offered = an_offer(limits=(DAILY,))
    claims = claims_of(offered, a_request(), Taken(1, 0))
    counter = claims[-1].counter

    found = limits.check(claims, {counter: used}, {counter: taken}, offered, NOON)

    assert found is not None
    assert (found.would_pass or {}).get("resets_at") == resets_at
