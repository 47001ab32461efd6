"""Which codes of a request apply together, and in which order; what is left out leaves no trace."""

from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import a_line, a_request, an_offer, facts_of

from contracts.discounts import AmountOff, PercentOff
from contracts.redemptions import Reason
from contracts.stacking import OfCategory, StackingRules
from contracts.terms import Limit
from redemption.decide import decide
from redemption.ledger.entries import entries_of
from redemption.model import Offer
from redemption.outcomes import Applied, Decision, Inapplicable, Skipped
from redemption.render.redemption import response
from redemption.render.validation import validation

OF_X = (OfCategory(category="x", most=1),)
HALF = PercentOff(basis_points=5000)
TENTH = PercentOff(basis_points=1000)
EXCLUSIVE: dict[str, Any] = {"exclusive_categories": ("x",), "joint_categories": ("j",)}


def of(code: str, category: str | None = None, hierarchy: int = 0, **more: Any) -> Offer:
    return an_offer(
        code,
        campaign=f"camp_{code}",
        category_id=category,
        category_hierarchy=None if category is None else hierarchy,
        **more,
    )


def decided(*offers: Offer, codes: str | None = None, amount: int = 5000, **rules: Any) -> Decision:
    asked = codes or "".join(offer.code for offer in offers)
    facts = facts_of(*offers, stacking=StackingRules(**rules))
    return decide(a_request(*asked, amount=amount), facts)


def became(decision: Decision) -> dict[str, str]:
    """Say of each code what became of it, in the order in which they were applied."""
    said = {}
    for outcome in decision.outcomes:
        if isinstance(outcome, Applied):
            said[outcome.offer.code] = "applied"
        else:
            kind = "skipped" if isinstance(outcome, Skipped) else "refused"
            said[outcome.code] = f"{kind}: {outcome.refusal.reason}"
    return said


def test_codes_apply_by_the_hierarchy_of_their_categories_and_within_it_as_asked() -> None:
    offers = [of("A"), of("B", "cat_b", 7), of("C", "cat_c", 2), of("D", "cat_d", 7)]

    decision = decided(*offers, codes="ADBC", order="CATEGORY_HIERARCHY")

    assert list(became(decision)) == ["C", "D", "B", "A"]
    assert list(became(decided(*offers, codes="ADBC"))) == ["A", "D", "B", "C"]


def test_the_order_of_application_decides_what_each_takes_off() -> None:
    offers = [of("A", "later", 2, discount=HALF), of("B", "sooner", 1)]

    first, second = decided(*offers, amount=2000, order="CATEGORY_HIERARCHY").outcomes

    assert isinstance(first, Applied)
    assert isinstance(second, Applied)
    assert (first.offer.code, first.discount_minor) == ("B", 500)
    assert (second.offer.code, second.discount_minor) == ("A", 750)


PARTIAL: dict[str, Any] = {"mode": "PARTIAL"}
LEFT_OUT: list[Any] = [
    pytest.param({"most": 1}, Reason.MOST_APPLIED, id="most"),
    pytest.param({"most_per_category": 1}, Reason.MOST_OF_CATEGORY_APPLIED, id="of-category"),
    pytest.param(
        {"most_of_categories": OF_X}, Reason.MOST_OF_CATEGORY_APPLIED, id="of-one-category"
    ),
    pytest.param(EXCLUSIVE | {"most_exclusive": 1}, Reason.MOST_EXCLUSIVE_APPLIED, id="exclusive"),
    pytest.param(
        EXCLUSIVE | {"most_exclusive_per_category": 1},
        Reason.MOST_EXCLUSIVE_OF_CATEGORY_APPLIED,
        id="exclusive-of-category",
    ),
]


def test_the_worked_example_of_the_page() -> None:
    offers = [
        an_offer("SALE", category_id="deals", category_hierarchy=2, discount=TENTH),
        an_offer("GIFT", category_id="deals", category_hierarchy=2),
        an_offer(
            "VIP",
            category_id="members",
            category_hierarchy=1,
            discount=AmountOff(amount_off_minor=2000),
        ),
    ]
    rules = StackingRules(mode="PARTIAL", order="CATEGORY_HIERARCHY", most_per_category=1)

    decision = decide(
        a_request("SALE", "GIFT", "VIP", amount=10_000), facts_of(*offers, stacking=rules)
    )

    assert became(decision) == {
        "VIP": "applied",
        "SALE": "applied",
        "GIFT": "skipped: applicable_redeemables_per_category_limit_exceeded",
    }
    shares = [
        (o.discount_minor, o.order_minor) for o in decision.outcomes if isinstance(o, Applied)
    ]
    assert shares == [(2000, 7143), (800, 2857)]
    assert orjson.loads(response(decision).body)["order"]["total_amount"] == 7200


@pytest.mark.parametrize(("rules", "reason"), LEFT_OUT)
def test_what_is_one_too_many_is_skipped_or_refuses_all(
    rules: dict[str, Any], reason: Reason
) -> None:
    pair = [of("A", "x"), of("B", "x")]

    assert became(decided(*pair, **PARTIAL, **rules)) == {"A": "applied", "B": f"skipped: {reason}"}

    whole = decided(*pair, **rules)
    assert whole.refused is not None
    assert (whole.refused.code, whole.refused.refusal.reason) == ("B", reason)


def test_a_limit_of_one_category_says_more_than_that_of_all() -> None:
    rules: dict[str, Any] = {
        "most_per_category": 1,
        "most_of_categories": (OfCategory(category="x", most=2),),
    }
    offers = [of("A", "x"), of("B", "x"), of("C", "y"), of("D", "y"), of("E"), of("F")]

    said = became(decided(*offers, **PARTIAL, **rules))

    assert [code for code, what in said.items() if what == "applied"] == [*"ABCEF"]


def test_an_exclusive_code_leaves_others_out_wherever_it_stands_but_joint_ones() -> None:
    offers = [of("A", "a"), of("J", "j"), of("X", "x"), of("N"), of("Y", "x")]

    assert became(decided(*offers, **PARTIAL, **EXCLUSIVE)) == {
        "A": "skipped: exclusion_rules_not_met",
        "J": "applied",
        "X": "applied",
        "N": "skipped: exclusion_rules_not_met",
        "Y": "applied",
    }


def test_an_exclusive_code_that_does_not_apply_leaves_nobody_out() -> None:
    offers = [of("A", "a"), of("X", "x", active=False)]

    assert became(decided(*offers, **PARTIAL, **EXCLUSIVE)) == {
        "A": "applied",
        "X": "refused: campaign_inactive",
    }


def test_an_exclusive_code_that_was_refused_does_not_apply_beside_those_it_leaves_out() -> None:
    capped = Limit(of="campaign", what="discount", most=400)
    offers = [of("A", "a", discount=HALF), of("X", "x", discount=TENTH, limits=(capped,))]

    # Alone it would take off 500; beside the other, 250.
    said = became(decided(*offers, **PARTIAL, **EXCLUSIVE))

    assert said == {"A": "applied", "X": "refused: budget_exceeded"}


def test_a_category_that_is_both_is_joint() -> None:
    rules: dict[str, Any] = {"exclusive_categories": ("x",), "joint_categories": ("x",)}

    said = became(decided(of("A", "a"), of("X", "x"), **PARTIAL, **rules))

    assert said == {"A": "applied", "X": "applied"}


def test_what_takes_nothing_off_may_be_left_out() -> None:
    offers = [of("ALL"[0], discount=PercentOff(basis_points=10_000)), of("B"), of("C")]

    said = became(decided(*offers, **PARTIAL, no_effect="SKIP"))

    assert said == {"A": "applied", "B": "skipped: no_effect", "C": "skipped: no_effect"}
    assert set(became(decided(*offers, **PARTIAL)).values()) == {"applied"}


def test_where_nothing_applies_the_request_is_refused_for_its_first_code() -> None:
    offers = [of("A", active=False), of("B", voucher_active=False)]

    decision = decided(*offers, **PARTIAL)

    assert decision.refused is not None
    assert decision.refused.code == "A"
    assert [(e.refusal and e.refusal.reason, e.order_minor) for e in entries_of(decision)] == [
        (Reason.CAMPAIGN_INACTIVE, 5000),
        (Reason.VOUCHER_DISABLED, 0),
    ]
    assert response(decision).status == 400


def test_nothing_has_an_effect_on_an_order_of_nothing() -> None:
    decision = decided(of("A"), of("B"), amount=0, **PARTIAL, no_effect="SKIP")

    assert decision.refused is not None
    assert decision.refused.refusal.reason is Reason.NO_EFFECT


def test_a_code_whose_share_of_the_order_is_too_much_is_left_out_and_the_others_share_it() -> None:
    budget = Limit(of="campaign", what="order", most=2000)
    offers = [of("A"), of("B", limits=(budget,)), of("C")]

    partly = decided(*offers, amount=9000, **PARTIAL)
    whole = decided(*offers, amount=9000)

    assert became(partly) == {"A": "applied", "B": "refused: budget_exceeded", "C": "applied"}
    shares = [o.order_minor for o in partly.outcomes if isinstance(o, Applied)]
    assert shares == [4500, 4500]
    assert whole.refused is not None
    assert became(whole) == {
        "A": "applied",
        "B": "refused: budget_exceeded",
        "C": "skipped: stack_refused",
    }


def test_a_code_alone_asks_no_rule() -> None:
    assert became(decided(of("A", "x"), amount=0, **EXCLUSIVE, no_effect="SKIP")) == {
        "A": "applied"
    }


def test_the_order_counts_once_and_not_for_what_was_left_out() -> None:
    decision = decided(of("A"), of("B", active=False), of("C", discount=HALF), **PARTIAL)

    found = {e.code: (e.order_minor, e.discount_minor) for e in entries_of(decision)}

    assert found == {"A": (909, 500), "B": (0, 0), "C": (4091, 2250)}


def test_an_answer_says_what_was_left_out_and_why() -> None:
    offers = [of("A", "x"), of("B", active=False), of("C", "x")]
    decision = decided(*offers, codes="ABCN", mode="PARTIAL", most_of_categories=OF_X)

    body = orjson.loads(response(decision).body)

    assert [each["voucher"]["code"] for each in body["redemptions"]] == ["A"]
    refused = {
        each["id"]: each["result"]["error"]["key"] for each in body["inapplicable_redeemables"]
    }
    assert refused == {"B": "campaign_inactive", "N": "not_found"}
    [left] = body["skipped_redeemables"]
    key = "applicable_redeemables_per_category_limit_exceeded"
    assert (left["id"], left["result"]["details"]["key"]) == ("C", key)
    assert body["order"]["total_discount_amount"] == 500


def test_a_validation_says_the_same_and_by_which_rules() -> None:
    offers = [of("A", "x"), of("B", active=False), of("C", "x")]
    rules: dict[str, Any] = {
        "mode": "PARTIAL",
        "most_of_categories": OF_X,
        "joint_categories": ("y",),
    }
    decision = decided(*offers, **rules)

    said = orjson.loads(validation(decision))
    redeemed = orjson.loads(response(decision).body)

    assert said["valid"] is True
    assert [each["id"] for each in said["redeemables"]] == ["A"]
    assert [each["id"] for each in said["inapplicable_redeemables"]] == ["B"]
    assert said["skipped_redeemables"] == redeemed["skipped_redeemables"]
    assert said["order"] == redeemed["order"]
    rules_said = said["stacking_rules"]
    assert rules_said["redeemables_application_mode"] == "PARTIAL"
    assert rules_said["applicable_redeemables_category_limits"] == {"x": 1}
    assert rules_said["joint_categories"] == ["y"]


categories = st.sampled_from([None, "a", "b", "x", "y", "j"])
mosts = st.sampled_from([1, 2, 3, 30])
all_rules = st.builds(
    StackingRules,
    mode=st.sampled_from(["ALL", "PARTIAL"]),
    order=st.sampled_from(["REQUESTED_ORDER", "CATEGORY_HIERARCHY"]),
    most=mosts,
    most_per_category=mosts,
    most_of_categories=st.lists(
        st.builds(OfCategory, category=st.sampled_from("abx"), most=mosts), max_size=1
    ).map(tuple),
    most_exclusive=mosts,
    most_exclusive_per_category=mosts,
    exclusive_categories=st.sampled_from([(), ("x",), ("x", "y", "j")]),
    joint_categories=st.sampled_from([(), ("j",)]),
    no_effect=st.sampled_from(["REDEEM_ANYWAY", "SKIP"]),
)
offered = st.lists(
    st.tuples(
        categories,
        st.booleans(),
        st.sampled_from([HALF, AmountOff(amount_off_minor=0), AmountOff(amount_off_minor=700)]),
    ),
    min_size=2,
    max_size=6,
)


@given(offered, all_rules)
def test_what_applies_keeps_the_rules_and_what_does_not_leaves_no_trace(
    made: list[tuple[str | None, bool, Any]], rules: StackingRules
) -> None:
    offers = [
        of(chr(65 + n), category, n % 3, active=active, discount=discount)
        for n, (category, active, discount) in enumerate(made)
    ]
    codes = [offer.code for offer in offers]
    lines = [a_line("p", 1500), a_line("q", 501)]
    facts = facts_of(*offers, stacking=rules)

    decision = decide(a_request(*codes, lines=lines), facts)

    applied = [o for o in decision.outcomes if isinstance(o, Applied)]
    assert len(decision.outcomes) == len(codes)
    if decision.refused is not None:
        assert facts.used == {}
        assert rules.mode == "ALL" or not applied
        return
    assert applied
    assert rules.mode == "PARTIAL" or len(applied) == len(codes)
    assert len(applied) <= rules.most
    per_category = Counter(o.offer.campaign.category_id for o in applied)
    exclusive = set(rules.exclusive_categories) - set(rules.joint_categories)
    for category, number in per_category.items():
        if category is not None:
            assert number <= rules.most_of(category)
        if category in exclusive:
            assert number <= rules.most_exclusive_per_category
    apply_alone = [c for c in per_category if c in exclusive]
    if apply_alone:
        assert sum(per_category[c] for c in apply_alone) <= rules.most_exclusive
        assert set(per_category) <= exclusive | set(rules.joint_categories)
    for outcome in decision.outcomes:
        if isinstance(outcome, Inapplicable):
            assert outcome.offer is not None
            assert not outcome.offer.campaign_active
    # Those alone, in that order and by no rule, are redeemed to the same effect.
    alone = decide(a_request(*[o.offer.code for o in applied], lines=lines), facts_of(*offers))
    same = [o for o in alone.outcomes if isinstance(o, Applied)]
    assert [(o.discount_minor, o.order_minor, o.lines) for o in same] == [
        (o.discount_minor, o.order_minor, o.lines) for o in applied
    ]
    assert facts.used == {claim.counter: claim.amount for o in same for claim in o.claims}
