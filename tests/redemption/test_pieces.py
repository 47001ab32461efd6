"""Which pieces of an order's lines a discount is for: the cheapest, the most expensive, so many."""

from fractions import Fraction

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.redemption_samples import a_line, a_request, an_offer, facts_of

from contracts.baskets import Item
from contracts.discounts import AmountOff, Discount, FixedPrice, FreeUnits, PercentOff, Unit
from contracts.targets import ApplicableTo, Choice, Selection, Targets
from redemption.decide import decide, foretell
from redemption.outcomes import Applied
from redemption.render.validation import validation

# Mugs at 10.00, pens at 80.00, tea at 1.00.
BASKET = [a_line("mug", 2000, 2), a_line("pen", 24_000, 3), a_line("tea", 500, 5)]

FREE = PercentOff(basis_points=10_000, effect="APPLY_TO_ITEMS")
HALF = PercentOff(basis_points=5000, effect="APPLY_TO_ITEMS")
TENTH = PercentOff(basis_points=1000)
OF_A_PIECE = AmountOff(amount_off_minor=150, effect="APPLY_TO_ITEMS_BY_QUANTITY")
ONCE = AmountOff(amount_off_minor=300, effect="APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY")
AT_NINE = FixedPrice(price_minor=900, effect="APPLY_TO_ITEMS")


def of_all(by: Selection = "APPLY_TO_EVERY", **most: int) -> ApplicableTo:
    return ApplicableTo(choices=(Choice(by=by, **most),))


def of(*products: str, by: Selection = "APPLY_TO_EVERY", **most: int) -> Choice:
    return Choice(targets=Targets(products=products), by=by, **most)


def off(for_some: ApplicableTo, *discounts: Discount, lines: list[Item]) -> list[list[int]]:
    """Return what each code takes off each line."""
    codes = [f"C{n}" for n in range(len(discounts))]
    offers = [
        an_offer(code, discount=each, applicable_to=for_some)
        for code, each in zip(codes, discounts, strict=True)
    ]
    decision = decide(a_request(*codes, lines=lines), facts_of(*offers))
    assert decision.refused is None, decision.refused
    found = [outcome for outcome in decision.outcomes if isinstance(outcome, Applied)]
    for each in found:
        assert sum(line.discount_minor for line in each.lines) == each.discount_minor
    return [[line.discount_minor for line in each.lines] for each in found]


@pytest.mark.parametrize(
    ("for_some", "discount", "expected"),
    [
        pytest.param(of_all("APPLY_TO_CHEAPEST"), FREE, [0, 0, 500], id="the-cheapest-line"),
        pytest.param(of_all("APPLY_TO_CHEAPEST", most=1), FREE, [0, 0, 100], id="one-piece-of-it"),
        pytest.param(
            of_all("APPLY_TO_MOST_EXPENSIVE", most_of_line=2), HALF, [0, 8000, 0], id="dearest-two"
        ),
        pytest.param(
            of_all("APPLY_FROM_CHEAPEST", most=6), FREE, [1000, 0, 500], id="six-from-the-cheapest"
        ),
        pytest.param(
            of_all("APPLY_FROM_MOST_EXPENSIVE", most=4), FREE, [1000, 24_000, 0], id="four-dearest"
        ),
        pytest.param(
            of_all("APPLY_FROM_CHEAPEST", most=6, most_of_line=4),
            FREE,
            [2000, 0, 400],
            id="six-from-the-cheapest-four-of-a-line",
        ),
        pytest.param(of_all(most_of_line=1), HALF, [500, 4000, 50], id="one-of-each-line"),
        pytest.param(of_all(most=3), FREE, [2000, 8000, 0], id="three-in-the-basket's-order"),
        pytest.param(of_all(most=3), TENTH, [200, 800, 0], id="off-the-order"),
        pytest.param(of_all("APPLY_TO_CHEAPEST"), OF_A_PIECE, [0, 0, 500], id="by-quantity"),
        pytest.param(of_all(most_of_line=1), OF_A_PIECE, [150, 150, 100], id="a-piece-of-each"),
        pytest.param(of_all(most_of_line=1), ONCE, [100, 100, 100], id="once-among-pieces"),
        pytest.param(of_all(most_of_line=2), AT_NINE, [200, 14_200, 0], id="a-price-of-two"),
        pytest.param(
            ApplicableTo(
                included=Targets(products=("mug", "pen")), choices=(of("pen", most_of_line=1),)
            ),
            FREE,
            [2000, 8000, 0],
            id="all-mugs-and-a-pen",
        ),
        pytest.param(
            ApplicableTo(
                included=Targets(products=("mug", "pen", "tea")),
                choices=(of("pen", "tea", by="APPLY_TO_CHEAPEST", most=2), of("mug", most=1)),
            ),
            FREE,
            [1000, 0, 200],
            id="two-choices",
        ),
        pytest.param(
            ApplicableTo(
                excluded=Targets(products=("tea",)), choices=(Choice(by="APPLY_TO_CHEAPEST"),)
            ),
            FREE,
            [2000, 0, 0],
            id="the-cheapest-but-tea",
        ),
    ],
)
def test_a_discount_is_for_the_pieces_that_are_chosen(
    for_some: ApplicableTo, discount: Discount, expected: list[int]
) -> None:
    assert off(for_some, discount, lines=BASKET) == [expected]


def test_of_equal_prices_the_first_line_is_chosen() -> None:
    twins = [a_line("a", 200, 2), a_line("b", 300, 3)]

    assert off(of_all("APPLY_TO_CHEAPEST"), FREE, lines=twins) == [[200, 0]]
    assert off(of_all("APPLY_TO_MOST_EXPENSIVE"), FREE, lines=twins) == [[200, 0]]


def test_a_line_without_pieces_has_none_to_choose() -> None:
    lines = [a_line("fee", 100, 0), a_line("mug", 2000, 2)]

    assert off(of_all("APPLY_TO_CHEAPEST", most=1), FREE, lines=lines) == [[0, 1000]]
    assert off(of_all("APPLY_TO_CHEAPEST"), FREE, lines=lines[:1]) == [[0]]


def test_the_next_code_goes_by_what_is_left_of_the_pieces() -> None:
    one = of_all("APPLY_TO_MOST_EXPENSIVE", most=1)

    # The first leaves 160.00 of three pens: one is 53.33, rounded down.
    assert off(one, FREE, FREE, lines=BASKET) == [[0, 8000, 0], [0, 5333, 0]]


@pytest.mark.parametrize("most", [4, 5])
def test_pieces_that_are_free_already_are_not_chosen_again(most: int) -> None:
    tea = FreeUnits(units=(Unit(item="tea", quantity=1, effect="ADD_MISSING_ITEMS"),))
    offers = [
        an_offer("TEA", discount=tea),
        an_offer("REST", discount=FREE, applicable_to=of_all("APPLY_TO_CHEAPEST", most=most)),
    ]

    decision = decide(a_request("TEA", "REST", lines=BASKET), facts_of(*offers))

    taken = [each.discount_minor for each in decision.outcomes if isinstance(each, Applied)]
    assert taken == [100, 400]  # four pieces are left, and they are chosen


def test_a_validation_says_which_pieces_are_meant() -> None:
    for_some = ApplicableTo(
        included=Targets(products=("mug", "pen")),
        choices=(of("pen", by="APPLY_TO_CHEAPEST", most_of_line=1, most=2),),
    )
    offer = an_offer("C", discount=FREE, applicable_to=for_some)

    [told] = orjson.loads(validation(foretell(a_request("C", lines=BASKET), facts_of(offer))))[
        "redeemables"
    ]

    every = {"effect": "APPLY_TO_EVERY"}
    chosen = {
        "effect": "APPLY_TO_CHEAPEST",
        "quantity_limit": 1,
        "aggregated_quantity_limit": 2,
    }
    assert told["applicable_to"]["data"] == [
        {"object": "product", "id": "mug"} | every,
        {"object": "product", "id": "pen"} | chosen,
    ]
    assert told["inapplicable_to"]["data"] == [{"object": "product", "id": "tea"} | every]


lines_of = st.lists(
    st.builds(a_line, st.sampled_from(["a", "b", "c"]), st.integers(0, 100_000), st.integers(0, 9)),
    min_size=1,
    max_size=6,
)
most = st.none() | st.integers(1, 12)
selections = st.sampled_from(
    [
        "APPLY_TO_EVERY",
        "APPLY_TO_CHEAPEST",
        "APPLY_FROM_CHEAPEST",
        "APPLY_TO_MOST_EXPENSIVE",
        "APPLY_FROM_MOST_EXPENSIVE",
    ]
)


def on_a_table(by: str, of_line: int | None, in_all: int | None, lines: list[Item]) -> list[int]:
    """Choose pieces as one would on a table: each with its price, one after another."""
    pieces = [
        (Fraction(line.amount_minor, line.quantity), n)
        for n, line in enumerate(lines)
        for _ in range(line.quantity)
    ]
    if by.endswith("CHEAPEST"):
        pieces = sorted(pieces)
    elif by.endswith("EXPENSIVE"):
        pieces = sorted(pieces, key=lambda piece: (-piece[0], piece[1]))
    if by in {"APPLY_TO_CHEAPEST", "APPLY_TO_MOST_EXPENSIVE"}:
        pieces = [piece for piece in pieces if piece[1] == pieces[0][1]]
    chosen = [0] * len(lines)
    for _, n in pieces:
        if (of_line is None or chosen[n] < of_line) and (in_all is None or sum(chosen) < in_all):
            chosen[n] += 1
    return chosen


@given(selections, most, most, lines_of, st.integers(0, 10_000))
def test_every_line_gets_its_due_of_the_chosen_pieces_to_the_unit(
    by: Selection, of_line: int | None, in_all: int | None, lines: list[Item], basis_points: int
) -> None:
    discount = PercentOff(basis_points=basis_points, effect="APPLY_TO_ITEMS")
    for_some = ApplicableTo(choices=(Choice(by=by, most_of_line=of_line, most=in_all),))

    [taken] = off(for_some, discount, lines=lines)

    chosen = on_a_table(by, of_line, in_all, lines)
    for minor, line, pieces in zip(taken, lines, chosen, strict=True):
        part = Fraction(line.amount_minor * pieces, line.quantity or 1)
        due = part * basis_points / 10_000
        assert 0 <= minor <= line.amount_minor
        assert due - 2 < minor < due + 1  # rounded down once, half up once
        assert pieces or not minor


@given(
    st.lists(
        st.tuples(
            st.sampled_from([FREE, HALF, TENTH, OF_A_PIECE, ONCE, AT_NINE]), selections, most, most
        ),
        min_size=1,
        max_size=4,
    ),
    lines_of,
)
def test_several_codes_for_some_pieces_leave_no_line_below_zero(
    asked: list[tuple[Discount, Selection, int | None, int | None]], lines: list[Item]
) -> None:
    codes = [f"C{n}" for n in range(len(asked))]
    offers = [
        an_offer(
            code,
            discount=discount,
            applicable_to=ApplicableTo(choices=(Choice(by=by, most_of_line=of_line, most=in_all),)),
        )
        for code, (discount, by, of_line, in_all) in zip(codes, asked, strict=True)
    ]

    decision = decide(a_request(*codes, lines=lines), facts_of(*offers))

    left = [line.amount_minor for line in lines]
    for outcome, (_, by, of_line, in_all) in zip(decision.outcomes, asked, strict=True):
        assert isinstance(outcome, Applied)
        taken = [line.discount_minor for line in outcome.lines]
        assert sum(taken) == outcome.discount_minor
        for n, chosen in enumerate(on_a_table(by, of_line, in_all, lines)):
            part = Fraction(left[n] * chosen, lines[n].quantity or 1)
            assert 0 <= taken[n] <= part
            left[n] -= taken[n]
