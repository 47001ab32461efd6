"""One request over facts in memory: the order of the reasons, and codes that apply together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import (
    CUSTOMER_KEY,
    DAY,
    NOON,
    PROJECT,
    a_request,
    an_offer,
    facts_of,
    some_uses,
)
from kit.rules import a_rule

from contracts import ids
from contracts.discounts import AmountOff, PercentOff
from contracts.money import LARGEST_MINOR
from contracts.redemptions import Reason
from contracts.targets import ApplicableTo, Targets
from contracts.terms import Limit
from redemption.decide import decide
from redemption.decide.facts import Facts
from redemption.decide.judging import UNKNOWN_CODE
from redemption.ledger.entries import entries_of
from redemption.model import Offer, Refusal, Request
from redemption.outcomes import Applied, Decision, Inapplicable, Skipped
from redemption.render.left_out import SKIPS

ANNA = ids.customer(CUSTOMER_KEY, PROJECT, "anna")
BUDGET = Limit(of="campaign", what="discount", most=9)
RULES = (
    a_rule(a={"name": "order.amount", "$more_than_equal": [200]}),
    a_rule(a={"name": "customer.metadata", "property": "tier", "$is": ["gold"]}),
)
BY_TILL_7 = a_rule(a={"name": "redemption.metadata", "property": "till", "$is": [7]})

# Everything is wrong at once; each step mends what was objected to, and the next reason appears.
MENDED: list[tuple[Reason, dict[str, Any], dict[str, Any]]] = [
    (Reason.CAMPAIGN_INACTIVE, {"active": True}, {}),
    (Reason.VOUCHER_DISABLED, {"voucher_active": True}, {}),
    (Reason.VOUCHER_NOT_ACTIVE, {"starts_at": None}, {}),
    (Reason.VOUCHER_EXPIRED, {"ends_at": None}, {}),
    (Reason.VOUCHER_NOT_ACTIVE_NOW, {"weekdays": (1,)}, {}),
    (Reason.QUANTITY_EXCEEDED, {"quantity": 2}, {}),
    (Reason.CAMPAIGN_LIMIT_EXCEEDED, {"total_limit": 2}, {}),
    (Reason.MISSING_CUSTOMER, {}, {"customer": "anna"}),
    (Reason.CUSTOMER_LIMIT_EXCEEDED, {"per_customer_limit": 2}, {}),
    (Reason.PERIOD_LIMIT_EXCEEDED, {"limits": (BUDGET,)}, {}),
    (Reason.MISSING_ORDER, {}, {"amount": 100, "currency": "USD"}),
    # Without an order, or in another currency, nothing is taken of a budget.
    (Reason.INVALID_ORDER, {}, {"currency": "EUR"}),
    (Reason.MISSING_ORDER_ITEMS, {}, {"lines": [100]}),
    (Reason.ORDER_RULES_VIOLATED, {"applicable_to": None}, {}),
    (Reason.BUDGET_EXCEEDED, {"limits": ()}, {}),
    (Reason.ORDER_RULES_VIOLATED, {}, {"amount": 200, "lines": [200]}),
    (Reason.CUSTOMER_RULES_VIOLATED, {"rules": (BY_TILL_7,)}, {}),
    (Reason.REDEMPTION_RULES_VIOLATED, {}, {"metadata": {"till": 7}}),
]


def reason(decision: Decision) -> Reason | None:
    return decision.refused and decision.refused.refusal.reason


def kinds(decision: Decision) -> list[type]:
    return [type(outcome) for outcome in decision.outcomes]


def test_of_several_reasons_the_first_of_the_promised_order_is_given() -> None:
    offered: dict[str, Any] = {
        "active": False,
        "voucher_active": False,
        "starts_at": NOON + DAY,
        "ends_at": NOON,
        "quantity": 1,
        "weekdays": (0,),
        "total_limit": 1,
        "per_customer_limit": 1,
        "limits": (Limit(of="campaign", per="day", most=0), BUDGET),
        "discount": PercentOff(basis_points=1000),
        "rules": (*RULES, BY_TILL_7),
        "applicable_to": ApplicableTo(included=Targets(products=("another",))),
    }
    asked: dict[str, Any] = {"amount": None}
    used = some_uses(campaign=1, code=1, customers={ANNA: 1})
    given = []

    for _, mended, corrected in MENDED:
        given.append(reason(decide(a_request(**asked), facts_of(an_offer(**offered), used=used))))
        offered, asked = offered | mended, asked | corrected

    assert given == [reason for reason, *_ in MENDED]
    assert reason(decide(a_request(**asked), facts_of(an_offer(**offered), used=used))) is None


def test_an_order_in_another_currency_takes_nothing_of_a_budget() -> None:
    offer = an_offer(discount=PercentOff(basis_points=1000), limits=(BUDGET,))

    decision = decide(a_request(amount=1_000_000, currency="JPY"), facts_of(offer))

    assert reason(decision) is Reason.INVALID_ORDER


def test_every_reason_is_given_by_somebody() -> None:
    elsewhere = {UNKNOWN_CODE.reason} | SKIPS  # of several codes: test_stacking

    assert {reason for reason, *_ in MENDED} == set(Reason) - elsewhere


def test_an_unknown_code_tells_nothing_about_codes() -> None:
    decision = decide(a_request("NOBODY"), facts_of(an_offer()))

    assert decision.refused is not None
    assert decision.refused.offer is None
    assert decision.refused.refusal == Refusal(Reason.NOT_FOUND, hint="")


def test_what_is_accepted_moves_the_facts_on_and_a_refusal_does_not() -> None:
    facts = facts_of(an_offer(quantity=2, sequence=7), used=some_uses(code=1))

    decisions = [decide(a_request(), facts) for _ in range(3)]

    assert [reason(d) for d in decisions] == [None, *[Reason.QUANTITY_EXCEEDED] * 2]
    [applied] = decisions[0].outcomes
    assert isinstance(applied, Applied)
    assert (applied.uses, applied.sequence) == (2, 8)


def test_each_code_takes_its_discount_off_what_the_ones_before_it_left() -> None:
    facts = facts_of(
        an_offer("TENTH", campaign="a", discount=PercentOff(basis_points=1000)),
        an_offer("FIVE", campaign="b", discount=AmountOff(amount_off_minor=500)),
    )

    one_way = discounts(decide(a_request("TENTH", "FIVE", amount=10_000), facts))
    other_way = discounts(decide(a_request("FIVE", "TENTH", amount=10_000), facts))

    assert one_way == [("TENTH", 1000), ("FIVE", 500)]
    assert other_way == [("FIVE", 500), ("TENTH", 950)]


def test_codes_together_never_take_off_more_than_the_order() -> None:
    facts = facts_of(*(an_offer(code, campaign=code) for code in "ABC"))

    assert discounts(decide(a_request(*"ABC", amount=700), facts)) == [
        ("A", 500),
        ("B", 200),
        ("C", 0),
    ]


def test_without_an_order_codes_are_redeemed_together_all_the_same() -> None:
    facts = facts_of(*(an_offer(code, campaign=code) for code in "AB"))

    decision = decide(a_request(*"AB", amount=None), facts)

    assert reason(decision) is None
    assert discounts(decision) == [("A", 0), ("B", 0)]
    assert [entry.order_minor for entry in entries_of(decision)] == [0, 0]


def test_after_the_first_refusal_no_code_is_judged_any_more() -> None:
    facts = facts_of(an_offer("A"), an_offer("B", voucher_active=False), an_offer("C"))

    decision = decide(a_request("A", "B", "UNKNOWN", "C"), facts)

    assert kinds(decision) == [Applied, Inapplicable, Skipped, Skipped]
    assert reason(decision) is Reason.VOUCHER_DISABLED
    assert facts.used == {}
    assert facts.sequences == {}


def test_what_is_refused_together_has_one_reason_and_one_basket() -> None:
    facts = facts_of(an_offer("A"), an_offer("B", voucher_active=False), an_offer("C"))

    entries = entries_of(decide(a_request("A", "B", "C", amount=4999), facts))

    assert [(e.code, e.refusal and e.refusal.reason, e.order_minor) for e in entries] == [
        ("A", Reason.STACK_REFUSED, 0),
        ("B", Reason.VOUCHER_DISABLED, 4999),
        ("C", Reason.STACK_REFUSED, 0),
    ]
    assert {entry.claims for entry in entries} == {()}
    assert {entry.discount_minor for entry in entries} == {0}


def test_a_stack_that_fails_half_way_leaves_its_uses_to_the_next() -> None:
    facts = facts_of(an_offer("A", total_limit=1), an_offer("B", campaign="b", quantity=0))

    failed = decide(a_request("A", "B"), facts)
    after = [decide(a_request("A"), facts) for _ in range(2)]

    assert reason(failed) is Reason.QUANTITY_EXCEEDED
    assert [reason(d) for d in after] == [None, Reason.CAMPAIGN_LIMIT_EXCEEDED]


@pytest.mark.parametrize(
    ("limit", "asked", "refused"),
    [
        pytest.param({"total_limit": 1}, {}, Reason.CAMPAIGN_LIMIT_EXCEEDED, id="campaign"),
        pytest.param(
            {"per_customer_limit": 1},
            {"customer": "anna"},
            Reason.CUSTOMER_LIMIT_EXCEEDED,
            id="customer",
        ),
    ],
)
def test_two_codes_of_one_campaign_count_twice(
    limit: dict[str, Any], asked: dict[str, Any], refused: Reason
) -> None:
    one = [an_offer(code, **limit) for code in "AB"]
    two = [an_offer(code, **{name: each + 1 for name, each in limit.items()}) for code in "AB"]

    decision = decide(a_request(*"AB", **asked), facts_of(*one))

    assert kinds(decision) == [Applied, Inapplicable]
    assert reason(decision) is refused
    assert reason(decide(a_request(*"AB", **asked), facts_of(*two))) is None


def discounts(decision: Decision) -> list[tuple[str, int]]:
    return [(o.offer.code, o.discount_minor) for o in decision.outcomes if isinstance(o, Applied)]


minors = st.integers(0, LARGEST_MINOR)
stacks = st.lists(
    st.builds(AmountOff, amount_off_minor=minors)
    | st.builds(PercentOff, basis_points=st.integers(0, 10_000)),
    min_size=1,
    max_size=30,
)


def of_a_stack(off: list[AmountOff | PercentOff], amount: int) -> tuple[Request, Facts]:
    offers: list[Offer] = [
        an_offer(f"C-{number}", campaign=f"camp_{number % 3}", discount=discount)
        for number, discount in enumerate(off)
    ]
    return a_request(*(offer.code for offer in offers), amount=amount), facts_of(*offers)


@given(stacks, minors)
def test_codes_share_the_order_so_that_their_amounts_add_up_to_it(
    off: list[AmountOff | PercentOff], amount: int
) -> None:
    decision = decide(*of_a_stack(off, amount))
    entries = entries_of(decision)

    assert sum(entry.order_minor for entry in entries) == amount
    assert sum(entry.discount_minor for entry in entries) == decision.discount_minor <= amount
    # Nobody's net is negative: commission and profit are figured entry by entry.
    assert all(entry.order_minor >= entry.discount_minor >= 0 for entry in entries)


def of_orders(most: int) -> Offer:
    return an_offer(limits=(Limit(of="campaign", what="order", most=most),))


@pytest.mark.parametrize(("most", "reason"), [(5000, None), (4999, "budget_exceeded")])
def test_a_budget_of_orders_bears_what_they_come_to_before_coupons(
    most: int, reason: str | None
) -> None:
    decision = decide(a_request(amount=5000), facts_of(of_orders(most)))

    assert (decision.refused and decision.refused.refusal.reason) == reason


def test_an_order_that_counted_before_takes_only_what_it_has_grown_by_of_a_budget() -> None:
    facts = facts_of(of_orders(7000))
    asked = [a_request(amount=n, order_id="order-1") for n in (5000, 5000, 7000, 7001)]

    decisions = [decide(each, facts) for each in asked]

    assert [d.refused is None for d in decisions] == [True, True, True, False]
    [refused] = [d.refused for d in decisions if d.refused is not None]
    assert refused.refusal.would_pass == {"budget_minor": 7000, "left_minor": 0, "amount_short": 1}


def test_each_code_of_a_request_takes_its_own_share_of_a_budget_of_orders() -> None:
    wide = an_offer("A", limits=(Limit(of="code", what="order", most=2500),))
    tight = an_offer("B", limits=(Limit(of="code", what="order", most=2499),))
    free = an_offer("C", limits=(Limit(of="code", what="order", most=0),))

    fits = decide(a_request("A", "D", amount=5000), facts_of(wide, an_offer("D")))
    short = decide(a_request("A", "B", amount=5000), facts_of(wide, tight))
    behind = decide(a_request("B", "A", "C", amount=5000), facts_of(wide, tight, free))
    facts = facts_of(wide, tight)
    decide(a_request("A", "B", amount=5000), facts)

    [first, _] = entries_of(fits)
    assert [claim.amount for claim in first.claims] == [1, 1, 2500]
    assert [type(o) for o in short.outcomes] == [Applied, Inapplicable]
    assert [type(o) for o in behind.outcomes] == [Applied, Applied, Inapplicable]
    assert not any(facts.used.values())  # what is refused half-way leaves no trace
