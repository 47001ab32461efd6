"""Discounts on lines of an order, units for nothing, and what discounts are for."""

from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import a_line, a_request, an_offer, facts_of

from contracts.baskets import Item
from contracts.discounts import (
    SHIPPING,
    AmountOff,
    AmountTier,
    Discount,
    FixedPrice,
    FreeUnits,
    PercentOff,
    Unit,
)
from contracts.redemptions import Reason
from contracts.targets import ApplicableTo, Targets
from redemption.decide import decide
from redemption.outcomes import Applied, Decision, Line
from redemption.render.redemption import response

MUG, PEN, TEA = a_line("mug", 2000, 2), a_line("pen", 8000, 1, sku="pen-red"), a_line("tea", 500, 5)
BASKET = [MUG, PEN, TEA]

EACH = AmountOff(amount_off_minor=600, effect="APPLY_TO_ITEMS")
EACH_UNIT = AmountOff(amount_off_minor=600, effect="APPLY_TO_ITEMS_BY_QUANTITY")
BY_AMOUNT = AmountOff(amount_off_minor=1000, effect="APPLY_TO_ITEMS_PROPORTIONALLY")
BY_QUANTITY = AmountOff(amount_off_minor=2000, effect="APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY")
TIERED = AmountOff(
    amount_off_minor=1,
    effect="APPLY_TO_ITEMS",
    tiers=(AmountTier(from_minor=10_500, amount_off_minor=2),),
)
FOR_PENS = ApplicableTo(included=Targets(skus=("pen-red",)))
NOT_FOR_PENS = ApplicableTo(excluded=Targets(products=("pen",)))


def applied(decision: Decision) -> list[Applied]:
    assert decision.refused is None, decision.refused
    return [outcome for outcome in decision.outcomes if isinstance(outcome, Applied)]


def taken(discount: Discount, lines: list[Item], **more: Any) -> Applied:
    offer = an_offer(discount=discount, **more)
    [code] = applied(decide(a_request(lines=lines), facts_of(offer)))
    assert sum(line.discount_minor for line in code.lines) == code.discount_minor
    return code


def off(code: Applied) -> list[int]:
    return [line.discount_minor for line in code.lines]


@pytest.mark.parametrize(
    ("discount", "expected"),
    [
        pytest.param(EACH, [600, 600, 500], id="off-each-line"),
        pytest.param(EACH_UNIT, [1200, 600, 500], id="off-each-unit"),
        pytest.param(BY_AMOUNT, [190, 762, 48], id="once-by-amount"),
        pytest.param(BY_QUANTITY, [1000, 500, 500], id="once-by-quantity-within-each-line"),
        pytest.param(TIERED, [2, 2, 2], id="by-the-size-of-the-order"),
        pytest.param(
            PercentOff(basis_points=1000, effect="APPLY_TO_ITEMS"), [200, 800, 50], id="percent"
        ),
        pytest.param(
            PercentOff(basis_points=1000, most_minor=300, effect="APPLY_TO_ITEMS"),
            [200, 300, 50],
            id="percent-capped-by-line",
        ),
        pytest.param(
            PercentOff(basis_points=1000, most_together_minor=105, effect="APPLY_TO_ITEMS"),
            [20, 80, 5],
            id="percent-capped-together",
        ),
        pytest.param(
            EACH.model_copy(update={"most_together_minor": 170}), [60, 60, 50], id="amount-capped"
        ),
        pytest.param(
            FixedPrice(price_minor=90, effect="APPLY_TO_ITEMS"), [1820, 7910, 50], id="fixed"
        ),
        pytest.param(FixedPrice(price_minor=10_000), [95, 381, 24], id="fixed-for-the-order"),
    ],
)
def test_what_comes_off_each_line(discount: Discount, expected: list[int]) -> None:
    assert off(taken(discount, BASKET)) == expected


@pytest.mark.parametrize(
    ("discount", "for_some", "expected"),
    [
        pytest.param(EACH, FOR_PENS, [0, 600, 0], id="one-sku"),
        pytest.param(EACH, NOT_FOR_PENS, [600, 0, 500], id="all-but-one"),
        pytest.param(BY_AMOUNT, NOT_FOR_PENS, [800, 0, 200], id="divided-among-some"),
        pytest.param(PercentOff(basis_points=5000), NOT_FOR_PENS, [1000, 0, 250], id="a-part"),
        pytest.param(AmountOff(amount_off_minor=3000), NOT_FOR_PENS, [2000, 0, 500], id="no-more"),
        pytest.param(FixedPrice(price_minor=500), NOT_FOR_PENS, [1600, 0, 400], id="fixed-part"),
    ],
)
def test_a_discount_is_for_the_lines_that_it_names(
    discount: Discount, for_some: ApplicableTo, expected: list[int]
) -> None:
    assert off(taken(discount, BASKET, applicable_to=for_some)) == expected


def test_of_a_line_without_units_none_costs_more_than_a_price() -> None:
    at_ninety = FixedPrice(price_minor=90, effect="APPLY_TO_ITEMS")

    assert off(taken(at_ninety, [a_line("fee", 500, 0), MUG])) == [0, 1820]


def free(item: str, quantity: int, effect: Any = "ADD_MISSING_ITEMS") -> FreeUnits:
    return FreeUnits(units=(Unit(item=item, quantity=quantity, effect=effect),))


def test_free_units_are_those_in_the_order_and_only_what_is_missing_is_added() -> None:
    code = taken(free("tea", 7), [MUG, TEA])

    assert code.lines == (
        Line("mug", None, 2, 2000, 0, 0),
        Line("tea", None, 5, 500, 500, 5),
        Line("tea", None, 0, 0, 0, 2),
    )


def test_some_units_of_a_line_are_free_at_their_part_of_it() -> None:
    assert off(taken(free("tea", 2), [MUG, TEA])) == [0, 200]


def test_new_units_are_added_whatever_is_in_the_order() -> None:
    code = taken(free("sku_1", 2, "ADD_NEW_ITEMS"), [a_line("mug", 10, sku="sku_1")])

    assert code.lines == (Line("mug", "sku_1", 1, 10, 0, 0), Line(None, "sku_1", 0, 0, 0, 2))
    assert code.discount_minor == 0


def test_what_a_code_adds_to_an_order_without_lines_is_there_behind_the_next_codes() -> None:
    offers = [an_offer("GIFT", discount=free("tea", 2, "ADD_NEW_ITEMS")), an_offer("OFF")]

    answer = orjson.loads(response(decide(a_request("GIFT", "OFF"), facts_of(*offers))).body)

    [first, second] = [each["order"]["items"][0] for each in answer["redemptions"]]
    [last] = answer["order"]["items"]
    assert [each["quantity"] for each in (first, second, last)] == [2, 2, 2]
    assert [first["applied_discount_quantity"], second["applied_discount_quantity"]] == [2, 0]
    assert answer["order"]["total_discount_amount"] == 500


def test_shipping_is_a_line_that_is_free() -> None:
    assert off(taken(free(SHIPPING, 1), [MUG, a_line(SHIPPING, 490)])) == [0, 490]


def test_several_things_are_free_at_once() -> None:
    both = FreeUnits(
        units=(
            Unit(item="tea", quantity=1, effect="ADD_MISSING_ITEMS"),
            Unit(item="tea", quantity=2, effect="ADD_MISSING_ITEMS"),
            Unit(item="cup", quantity=1, effect="ADD_NEW_ITEMS"),
        )
    )

    code = taken(both, [TEA])

    assert code.lines == (Line("tea", None, 5, 500, 300, 3), Line("cup", None, 0, 0, 0, 1))


def test_a_unit_is_free_once() -> None:
    offers = facts_of(*[an_offer(code, discount=free("tea", 3)) for code in "AB"])

    first, second = applied(decide(a_request("A", "B", lines=[TEA]), offers))

    assert [line.free_units for line in first.lines] == [3]
    assert [line.free_units for line in second.lines] == [2, 1]
    assert (off(first), off(second)) == ([300], [200, 0])


@pytest.mark.parametrize(
    ("terms", "asked", "reason", "missing"),
    [
        ({"discount": EACH}, {}, Reason.MISSING_ORDER_ITEMS, "order_items"),
        ({"discount": EACH}, {"amount": None}, Reason.MISSING_ORDER, "order"),
        ({"discount": free("tea", 1)}, {"amount": None}, Reason.MISSING_ORDER, "order"),
        ({"applicable_to": FOR_PENS}, {}, Reason.MISSING_ORDER_ITEMS, "order_items"),
        ({"applicable_to": FOR_PENS}, {"amount": None}, Reason.MISSING_ORDER, "order"),
        (
            {"applicable_to": FOR_PENS},
            {"lines": [MUG]},
            Reason.ORDER_RULES_VIOLATED,
            "applicable_items",
        ),
    ],
)
def test_what_is_needed_of_the_order_is_said(
    terms: dict[str, Any], asked: dict[str, Any], reason: Reason, missing: str
) -> None:
    decision = decide(a_request(**asked), facts_of(an_offer(**terms)))

    assert decision.refused is not None
    refusal = decision.refused.refusal
    assert (refusal.reason, refusal.would_pass) == (reason, {"missing": missing})


def test_an_order_shows_discounts_on_lines_apart_from_those_on_the_order() -> None:
    offers = [
        an_offer("ORDER", discount=AmountOff(amount_off_minor=1050)),
        an_offer("LINES", discount=EACH, applicable_to=FOR_PENS),
        an_offer("GIFT", discount=free("tea", 1, "ADD_NEW_ITEMS")),
    ]
    request = a_request("ORDER", "LINES", "GIFT", lines=BASKET)

    order = orjson.loads(response(decide(request, facts_of(*offers))).body)["order"]

    assert order["amount"] == order["initial_amount"] == 10_500
    assert (order["discount_amount"], order["items_discount_amount"]) == (1050, 600)
    assert (order["total_discount_amount"], order["total_amount"]) == (1650, 8850)
    assert [item["discount_amount"] for item in order["items"]] == [0, 600, 0, 0]
    assert [item["total_discount_amount"] for item in order["items"]] == [200, 1400, 50, 0]
    added = order["items"][-1]
    assert (added["initial_quantity"], added["quantity"], added["discount_quantity"]) == (0, 1, 1)


amounts = st.integers(0, 10**5)
caps = st.none() | amounts
on_lines: st.SearchStrategy[Discount] = st.one_of(
    st.builds(
        AmountOff,
        amount_off_minor=amounts,
        effect=st.sampled_from(
            [
                "APPLY_TO_ORDER",
                "APPLY_TO_ITEMS",
                "APPLY_TO_ITEMS_BY_QUANTITY",
                "APPLY_TO_ITEMS_PROPORTIONALLY",
                "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY",
            ]
        ),
        most_together_minor=caps,
    ),
    st.builds(
        PercentOff,
        basis_points=st.integers(0, 10_000),
        most_minor=caps,
        most_together_minor=caps,
        effect=st.sampled_from(["APPLY_TO_ORDER", "APPLY_TO_ITEMS"]),
    ),
    st.builds(
        FixedPrice,
        price_minor=amounts,
        effect=st.sampled_from(["APPLY_TO_ORDER", "APPLY_TO_ITEMS"]),
    ),
    st.builds(
        free,
        st.sampled_from(["a", "b", "c"]),
        st.integers(1, 9),
        st.sampled_from(["ADD_MISSING_ITEMS", "ADD_NEW_ITEMS"]),
    ),
)
baskets = st.lists(
    st.builds(a_line, st.sampled_from(["a", "b", "c"]), amounts, st.integers(0, 9)),
    min_size=1,
    max_size=6,
)
scopes = st.sampled_from(
    [
        ApplicableTo(),
        ApplicableTo(included=Targets(products=("a", "b"))),
        ApplicableTo(excluded=Targets(products=("a",))),
    ]
)


def due(discount: Discount, line: Item, left: list[int], n: int, covered: list[int]) -> Fraction:
    """Return what should come off a line, in exact fractions; caps and free units aside."""
    together = sum(left[i] for i in covered)
    if n not in covered:
        return Fraction(0)
    match discount:
        case AmountOff(effect="APPLY_TO_ITEMS"):
            return Fraction(min(discount.amount_off_minor, left[n]))
        case AmountOff(effect="APPLY_TO_ITEMS_BY_QUANTITY"):
            return Fraction(min(discount.amount_off_minor * line.quantity, left[n]))
        case AmountOff():
            return Fraction(min(discount.amount_off_minor, together) * left[n], together or 1)
        case PercentOff(effect="APPLY_TO_ITEMS"):
            off = Fraction(left[n] * discount.basis_points, 10_000)
            return off if discount.most_minor is None else min(off, Fraction(discount.most_minor))
        case PercentOff():
            off = Fraction((together * discount.basis_points + 5000) // 10_000)  # once, half up
            most = discount.most_minor
            return (off if most is None else min(off, Fraction(most))) * left[n] / (together or 1)
        case FixedPrice(effect="APPLY_TO_ITEMS"):
            beyond = Fraction(left[n], line.quantity or 1) - discount.price_minor  # of a unit
            return max(Fraction(0), beyond * line.quantity)
        case FixedPrice():
            return Fraction(max(0, together - discount.price_minor) * left[n], together or 1)
        case FreeUnits():
            raise AssertionError


@given(st.lists(st.tuples(on_lines, scopes), min_size=1, max_size=4), baskets)
def test_every_line_gets_its_due_to_the_unit_and_no_order_falls_below_zero(
    discounts: list[tuple[Discount, ApplicableTo]], lines: list[Item]
) -> None:
    codes = [f"C{n}" for n in range(len(discounts))]
    offers = [
        an_offer(code, discount=discount, applicable_to=for_some)
        for code, (discount, for_some) in zip(codes, discounts, strict=True)
    ]
    decision = decide(a_request(*codes, lines=lines), facts_of(*offers))
    if decision.refused is not None:  # no line of the basket is covered
        assert decision.refused.refusal.reason is Reason.ORDER_RULES_VIOLATED
        return

    left = [line.amount_minor for line in lines]
    for (discount, for_some), code in zip(discounts, applied(decision), strict=True):
        sent, added = code.lines[: len(lines)], code.lines[len(lines) :]
        assert sum(off(code)) == code.discount_minor
        assert all(line.is_added and line.discount_minor == 0 for line in added)
        covered = [n for n, line in enumerate(lines) if for_some.covers(line.product_id, None)]
        cap = None if isinstance(discount, FixedPrice | FreeUnits) else discount.most_together_minor
        divided = isinstance(discount, AmountOff) and discount.effect.endswith("LY_BY_QUANTITY")
        if isinstance(discount, FreeUnits):
            units = sum(line.free_units or 0 for line in code.lines)
            assert units == discount.units[0].quantity
        elif divided or (cap is not None and discount.effect != "APPLY_TO_ORDER"):
            most = sum(left[n] for n in covered)
            assert code.discount_minor <= (most if cap is None else min(cap, most))
        else:
            for n, line in enumerate(sent):
                assert abs(line.discount_minor - due(discount, lines[n], left, n, covered)) < 1
        left = [minor - line.discount_minor for minor, line in zip(left, sent, strict=True)]
        assert min(left) >= 0
    order = orjson.loads(response(decision).body)["order"]
    assert_identities(order)
    assert order["total_amount"] == sum(left)


def assert_identities(order: dict[str, Any]) -> None:
    """Assert what the reference says of an order: whatever is shown adds up."""
    items = order["items"]
    assert order["total_amount"] == order["amount"] - order["total_discount_amount"] >= 0
    assert order["items_discount_amount"] == sum(item["discount_amount"] for item in items)
    both = order["discount_amount"] + order["items_discount_amount"]
    assert order["total_discount_amount"] == both
    applied_both = order["applied_discount_amount"] + order["items_applied_discount_amount"]
    assert order["total_applied_discount_amount"] == applied_both
    assert both == sum(item["total_discount_amount"] for item in items)
    for item in items:
        assert item["subtotal_amount"] == item["amount"] - item["discount_amount"] >= 0
