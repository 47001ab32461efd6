"""One rollback over facts in memory: what is given back, and what refuses it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import (
    CAMPAIGN,
    CODE,
    DAY,
    NOON,
    PROJECT,
    an_offer,
    facts_of,
)

from contracts.campaigns import CommissionPlan
from contracts.rollbacks import NotRolledBack
from contracts.terms import Limit
from contracts.terms import Rollback as Policy
from redemption.decide.facts import Facts
from redemption.model import CounterKey
from redemption.outcomes import Line
from redemption.returns import Original, Part, Returned, Rollback, Units
from redemption.rollbacks.giving_back import roll_back

OF_CAMPAIGN = CounterKey(PROJECT, CAMPAIGN, "campaign", "")
OF_CODE = CounterKey(PROJECT, CAMPAIGN, "code", CODE)
BUDGET = CounterKey(PROJECT, CAMPAIGN, "discount of campaign", "")


def an_original(
    order: int | None = 1000, discount: int = 100, code: str = CODE, **words: Any
) -> Original:
    known: dict[str, Any] = {
        "customer_id": "cust_anna",
        "order_id": "order-1",
        "at": NOON,
        "codes": 1,
        "redeemed": 1,
    }
    return Original(
        id=uuid4(),
        request_key=b"k" * 16,
        project_id=PROJECT,
        code=code,
        voucher_id=f"v_{code}",
        campaign_id=CAMPAIGN,
        campaign_version=1,
        campaign_name="Winter deal",
        partner_id="part_1",
        channel="newsletter",
        category_id=None,
        commission_plan=CommissionPlan(),
        margin_basis_points=3000,
        customer_is_new=False,
        order_minor=order,
        discount_minor=discount,
        currency="EUR",
        **(known | words),
    )


def asked(*originals: Original, **words: Any) -> Rollback:
    wish: dict[str, Any] = {
        "amount_minor": None,
        "units": (),
        "customer_id": None,
        "order_id": None,
    }
    return Rollback(
        project_id=PROJECT,
        key=uuid4().bytes,
        fingerprint=b"f" * 16,
        request_id=None,
        redemption_id="r_1",
        originals=originals,
        reason=None,
        tracking_id=None,
        metadata={},
        caller="key_a",
        at=NOON + DAY,
        **(wish | words),
    )


def facts(*codes: str, used: int = 9, **terms: Any) -> Facts:
    counters = {OF_CAMPAIGN: used, OF_CODE: used, BUDGET: 1000}
    offers = [an_offer(code, **terms) for code in codes or (CODE,)]
    return facts_of(*offers, used=counters)


def reason(returned: Returned) -> NotRolledBack | None:
    return returned.refusal and returned.refusal.reason


def parts(returned: Returned) -> list[tuple[int, int, bool]]:
    return [(part.order_minor, part.discount_minor, part.whole) for part in returned.parts]


def test_the_whole_gives_use_and_discount_back_and_a_second_one_is_refused() -> None:
    known, original = facts(limits=(Limit(of="campaign", what="discount", most=5),)), an_original()

    first, second = roll_back(asked(original), known), roll_back(asked(original), known)

    assert parts(first) == [(1000, 100, True)]
    assert (known.used[OF_CAMPAIGN], known.used[OF_CODE], known.used[BUDGET]) == (8, 8, 900)
    assert (first.parts[0].uses, first.parts[0].sequence) == (8, 1)
    assert reason(second) is NotRolledBack.ALREADY_ROLLED_BACK
    assert known.used[OF_CAMPAIGN] == 8


def test_a_part_gives_back_its_share_of_the_discount_and_the_last_one_the_use() -> None:
    known, original = facts(limits=(Limit(of="campaign", what="discount", most=5),)), an_original()

    steps = [roll_back(asked(original, amount_minor=part), known) for part in (333, 333, 334)]

    assert [parts(each) for each in steps] == [
        [(333, 33, False)],
        [(333, 33, False)],
        [(334, 34, True)],
    ]
    assert [each.parts[0].gives_use for each in steps] == [False, False, True]
    assert [each.parts[0].order_left_minor for each in steps] == [667, 334, 0]
    assert (known.used[OF_CAMPAIGN], known.used[BUDGET]) == (8, 900)


def test_what_is_left_is_the_most_that_can_be_given_back() -> None:
    known, original = facts(), an_original()
    roll_back(asked(original, amount_minor=600), known)

    too_much = roll_back(asked(original, amount_minor=401), known)
    rest = roll_back(asked(original), known)

    assert reason(too_much) is NotRolledBack.INVALID_ROLLBACK_PARAMS
    assert too_much.refusal is not None
    assert "400" in too_much.refusal.hint
    assert parts(rest) == [(400, 40, True)]


def test_without_an_order_there_is_no_part_of_it() -> None:
    known, original = facts(), an_original(order=None, discount=0)

    assert reason(roll_back(asked(original, amount_minor=1), known)) is (
        NotRolledBack.INVALID_ROLLBACK_PARAMS
    )
    assert parts(roll_back(asked(original), known)) == [(0, 0, True)]
    assert reason(roll_back(asked(original), known)) is NotRolledBack.ALREADY_ROLLED_BACK


def test_who_names_another_customer_or_order_gets_nothing_back() -> None:
    known, original = facts(), an_original()

    refused = [
        roll_back(asked(original, customer_id="cust_bert"), known),
        roll_back(asked(original, order_id="order-2"), known),
        roll_back(asked(), known),
    ]

    assert [reason(each) for each in refused] == [
        NotRolledBack.INVALID_CUSTOMER,
        NotRolledBack.INVALID_ORDER,
        NotRolledBack.NOT_FOUND,
    ]
    named = asked(original, customer_id="cust_anna", order_id="order-1")
    assert reason(roll_back(named, known)) is None


def test_a_policy_keeps_what_it_does_not_give_back() -> None:
    limits = (Limit(of="campaign", what="discount", most=5),)
    kept = facts(limits=limits, rollback=Policy(use=False, budget=False))

    [part] = roll_back(asked(an_original()), kept).parts

    assert part.counted == {}
    assert (part.gives_use, part.gives_budget, part.uses) == (False, False, 9)
    assert (kept.used[OF_CAMPAIGN], kept.used[BUDGET]) == (9, 1000)


def test_it_counts_in_the_periods_of_the_redemption_whatever_appeared_since() -> None:
    limits = (
        Limit(of="customer", per="day", most=1),
        Limit(of="customer_and_code", most=1),
        Limit(of="code", per="month", what="discount", most=1),
    )
    then = datetime.fromisoformat("2026-10-31T23:30:00+00:00")  # in Berlin it is November
    known = facts(limits=limits)

    [part] = roll_back(asked(an_original(at=then)), known).parts

    counted = {(counter.kind, counter.subject): amount for counter, amount in part.counted.items()}
    assert counted == {
        ("campaign", ""): 1,
        ("code", CODE): 1,
        ("redemptions of customer per day in Europe/Berlin", "2026-11-01 cust_anna"): 1,
        ("redemptions of customer_and_code", f"cust_anna {CODE}"): 1,
        ("discount of code per month in Europe/Berlin", f"2026-11 {CODE}"): 100,
    }


def test_nobodys_redemption_gives_nothing_back_to_customers() -> None:
    known = facts(per_customer_limit=1)

    [part] = roll_back(asked(an_original(customer_id=None)), known).parts

    assert {counter.kind for counter in part.counted} == {"campaign", "code"}


amounts = st.integers(0, 500)


@given(
    shares=st.lists(st.tuples(amounts, amounts), min_size=1, max_size=4),
    steps=st.lists(st.integers(1, 400), max_size=6),
)
def test_all_parts_come_to_the_whole(shares: list[tuple[int, int]], steps: list[int]) -> None:
    codes = [f"CODE{n}" for n in range(len(shares))]
    originals = [
        an_original(order, min(order, off), code, codes=len(shares))
        for (order, off), code in zip(shares, codes, strict=True)
    ]
    known = facts(*codes)
    given_back = dict.fromkeys((o.id for o in originals), (0, 0))
    whole: list[object] = []

    for step in [*steps, None]:
        returned = roll_back(asked(*originals, amount_minor=step), known)
        if step is not None and returned.refusal is None:
            assert sum(part.order_minor for part in returned.parts) == step
        for part in returned.parts:
            order, off = given_back[part.original.id]
            assert part.order_minor >= 0
            assert part.discount_minor >= 0
            given_back[part.original.id] = order + part.order_minor, off + part.discount_minor
            whole += [part.original.id] if part.whole else []

    assert given_back == {o.id: (o.order_minor, o.discount_minor) for o in originals}
    assert sorted(map(str, whole)) == sorted(str(o.id) for o in originals)


TEE, HAT = Line("tee", "tee-s", 3, 900, 91), Line("hat", None, 1, 100, 9)


def test_units_of_lines_give_back_what_was_taken_off_them() -> None:
    """By hand: of 30.3 and 60.7 of a discount of 91 on three units come 30, 31 and 30."""
    known, original = facts(), an_original(1000, 100, lines=(TEE, HAT))

    steps = [
        roll_back(asked(original, units=(Units("tee", None, 1),)), known) for _ in range(3)
    ] + [roll_back(asked(original, units=(Units(None, "tee-s", 1),)), known)]
    rest = roll_back(asked(original, units=(Units("hat", None, 1),)), known)

    assert [parts(each) for each in steps[:3]] == [
        [(300, 30, False)],
        [(300, 31, False)],
        [(300, 30, False)],
    ]
    assert reason(steps[3]) is NotRolledBack.INVALID_ROLLBACK_PARAMS
    assert steps[3].refusal is not None
    assert "there are 0" in steps[3].refusal.hint
    assert parts(rest) == [(100, 9, True)]
    assert [line.quantity for line in rest.parts[0].lines] == [0, 1]
    assert reason(roll_back(asked(original), known)) is NotRolledBack.ALREADY_ROLLED_BACK


def test_lines_and_amounts_do_not_mix_but_the_rest_can_go() -> None:
    known, original = facts(), an_original(1000, 100, lines=(TEE, HAT))
    one = (Units("hat", None, 1),)
    roll_back(asked(original, amount_minor=500), known)

    assert reason(roll_back(asked(original, units=one), known)) is (
        NotRolledBack.INVALID_ROLLBACK_PARAMS
    )
    assert parts(roll_back(asked(original), known)) == [(500, 50, True)]


def test_a_line_that_one_code_added_is_given_back_by_that_code_alone() -> None:
    known = facts("A", "B")
    one = an_original(500, 50, "A", codes=2, lines=(TEE,))
    two = an_original(500, 59, "B", codes=2, lines=(TEE, Line("gift", None, 1, 0, 9)))

    gift = roll_back(asked(one, two, units=(Units("gift", None, 1),)), known)
    tees = roll_back(asked(one, two, units=(Units("tee", None, 3),)), known)

    assert [part.original.code for part in gift.parts] == ["B"]
    assert parts(gift) == [(0, 9, False)]
    assert parts(tees) == [(500, 50, True), (500, 50, True)]


def test_without_lines_none_is_given_back() -> None:
    refused = roll_back(asked(an_original(), units=(Units("hat", None, 1),)), facts())

    assert reason(refused) is NotRolledBack.INVALID_ROLLBACK_PARAMS


def test_a_share_of_nothing_is_whole_with_its_last_line_alone() -> None:
    known, original = facts(), an_original(0, 100, lines=(TEE, HAT))

    first = roll_back(asked(original, units=(Units("tee", None, 3),)), known)
    last = roll_back(asked(original, units=(Units("hat", None, 1),)), known)

    assert parts(first) == [(0, 91, False)]
    assert parts(last) == [(0, 9, True)]


some_lines = st.lists(st.tuples(st.integers(1, 4), amounts, amounts), min_size=1, max_size=3)


@given(lines=some_lines, units=st.lists(st.integers(0, 2), max_size=9), share=st.integers(0, 9))
def test_all_units_of_all_lines_come_to_the_whole(
    lines: list[tuple[int, int, int]], units: list[int], share: int
) -> None:
    of = tuple(
        [
            Line(f"p{n}", None, q, amount, min(amount, off))
            for n, (q, amount, off) in enumerate(lines)
        ]
    )
    basket, discount = sum(e.amount_minor for e in of), sum(e.discount_minor for e in of)
    original = an_original(basket * share // 9, discount, lines=of)
    known = facts()
    told: list[Part] = []
    left = [line.quantity for line in of]

    for n in [unit % len(of) for unit in units] + [n for n, e in enumerate(of) for _ in range(4)]:
        returned = roll_back(asked(original, units=(Units(f"p{n}", None, 1),)), known)
        assert (returned.refusal is None) == (left[n] > 0)
        left[n] = max(0, left[n] - 1)
        told += returned.parts

    assert min(min(part.order_minor, part.discount_minor) for part in told) >= 0
    assert sum(part.order_minor for part in told) == original.order_minor
    assert sum(part.discount_minor for part in told) == discount
    assert [part.whole for part in told] == [False] * (len(told) - 1) + [True]
    for n, line in enumerate(of):
        own = [part.lines[n] for part in told if part.lines]
        assert sum(each.discount_minor for each in own) == line.discount_minor
        assert sum(each.amount_minor for each in own) == line.amount_minor
