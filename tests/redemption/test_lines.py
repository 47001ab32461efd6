"""What comes off an order, line by line: the split adds up, whatever codes apply together."""

from fractions import Fraction
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import a_request, an_offer, facts_of

from contracts.discounts import AmountOff, FixedPrice, PercentOff
from redemption.decide import decide
from redemption.outcomes import Applied, Decision, Line
from redemption.render.redemption import response

minors = st.integers(0, 10**6)
discounts = st.one_of(
    st.builds(AmountOff, amount_off_minor=minors),
    st.builds(PercentOff, basis_points=st.integers(0, 10_000)),
    st.builds(FixedPrice, price_minor=minors),
)


def applied(decision: Decision) -> list[Applied]:
    assert decision.refused is None
    return [outcome for outcome in decision.outcomes if isinstance(outcome, Applied)]


def off_lines(code: Applied) -> list[int]:
    return [line.discount_minor for line in code.lines]


def order_of(decision: Decision) -> dict[str, Any]:
    order: dict[str, Any] = orjson.loads(response(decision).body)["order"]
    return order


def test_what_is_off_the_order_is_divided_among_its_lines_by_largest_remainder() -> None:
    [code] = applied(decide(a_request(lines=[3333, 3333, 3334]), facts_of(an_offer())))

    # 166.65, 166.65 and 166.7 of 500: the units that are left go to the largest fractions.
    assert code.lines == (
        Line("p0", None, 1, 3333, 167),
        Line("p1", None, 1, 3333, 166),
        Line("p2", None, 1, 3334, 167),
    )


def test_an_order_without_lines_is_not_divided() -> None:
    [code] = applied(decide(a_request(), facts_of(an_offer())))

    assert code.lines == ()
    assert "items" not in order_of(decide(a_request(), facts_of(an_offer())))


def test_the_next_code_is_divided_by_what_the_ones_before_it_left_of_each_line() -> None:
    all_of_one = an_offer("A", discount=AmountOff(amount_off_minor=60))
    half = an_offer("B", discount=PercentOff(basis_points=5000))

    first, second = applied(
        decide(a_request("A", "B", lines=[20, 100]), facts_of(all_of_one, half))
    )

    assert (off_lines(first), off_lines(second)) == ([10, 50], [5, 25])


def test_an_answer_shows_each_line_s_share_and_says_that_the_discount_is_on_the_order() -> None:
    request = a_request("A", "B", lines=[20, 100])
    half = [an_offer(code, discount=PercentOff(basis_points=5000)) for code in "AB"]

    body = orjson.loads(response(decide(request, facts_of(*half))).body)

    first, second = (each["order"] for each in body["redemptions"])
    assert [i["total_applied_discount_amount"] for i in first["items"]] == [10, 50]
    assert [i["total_applied_discount_amount"] for i in second["items"]] == [5, 25]
    assert [i["total_discount_amount"] for i in second["items"]] == [15, 75]
    # Voucherify's own fields know discounts on lines only, and there are none.
    assert (second["items_discount_amount"], second["discount_amount"]) == (0, 90)
    assert {i["discount_amount"] for i in second["items"]} == {0}
    assert [i["subtotal_amount"] for i in second["items"]] == [20, 100]
    assert [i["total_applied_discount_amount"] for i in body["order"]["items"]] == [15, 75]


@given(st.lists(discounts, min_size=1, max_size=4), st.lists(minors, min_size=1, max_size=8))
def test_every_split_adds_up_and_none_is_a_unit_away_from_its_due(
    off: list[AmountOff | PercentOff | FixedPrice], lines: list[int]
) -> None:
    codes = [f"C{n}" for n in range(len(off))]
    offers = [an_offer(code, discount=each) for code, each in zip(codes, off, strict=True)]

    decision = decide(a_request(*codes, lines=lines), facts_of(*offers))

    left = lines
    for code in applied(decision):
        taken = off_lines(code)
        assert sum(taken) == code.discount_minor
        for minor, share in zip(left, taken, strict=True):
            due = Fraction(code.discount_minor * minor, sum(left) or 1)
            assert abs(share - due) < 1
        left = [minor - share for minor, share in zip(left, taken, strict=True)]
        assert min(left) >= 0
    order = order_of(decision)
    assert [item["total_discount_amount"] for item in order["items"]] == [
        minor - rest for minor, rest in zip(lines, left, strict=True)
    ]
    assert order["total_amount"] == sum(left)
