"""Discounts as clients write them: each can be read again, and what makes no sense is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from campaigns.campaigns.applicable import ApplicableToBody, applicable_body
from campaigns.campaigns.checks import check_choices
from campaigns.campaigns.discounts import DiscountBody, discount_response
from campaigns.campaigns.words import offer
from campaigns.refusals import InvalidError
from contracts.discounts import (
    SHIPPING,
    AmountOff,
    AmountTier,
    Discount,
    FixedPrice,
    FreeUnits,
    PercentOff,
    Unit,
    as_voucherify,
)
from contracts.targets import ApplicableTo, Choice, Targets
from contracts.terms import Terms

BODY: TypeAdapter[Any] = TypeAdapter(DiscountBody)

minors = st.integers(0, 10**6)
caps = st.none() | minors
tiers = st.lists(minors, unique=True, max_size=3).map(
    lambda sizes: tuple(AmountTier(from_minor=s, amount_off_minor=s + 1) for s in sorted(sizes))
)
on_items = st.sampled_from(["APPLY_TO_ITEMS", "APPLY_TO_ITEMS_BY_QUANTITY"])
units = st.builds(
    Unit,
    item=st.sampled_from(["prod_1", "sku_1", "tea"]),
    quantity=st.integers(1, 9),
    effect=st.sampled_from(["ADD_MISSING_ITEMS", "ADD_NEW_ITEMS"]),
)
discounts: st.SearchStrategy[Discount] = st.one_of(
    st.builds(AmountOff, amount_off_minor=minors, tiers=tiers),
    st.builds(AmountOff, amount_off_minor=minors, effect=on_items, most_together_minor=caps),
    st.builds(
        PercentOff,
        basis_points=st.integers(0, 10_000),
        most_minor=caps,
        effect=st.just("APPLY_TO_ITEMS"),
        most_together_minor=caps,
    ),
    st.builds(FixedPrice, price_minor=minors, effect=st.just("APPLY_TO_ITEMS")),
    st.builds(FreeUnits, units=st.lists(units, min_size=1, max_size=3).map(tuple)),
)


@given(discounts)
def test_every_discount_can_be_written_and_read(discount: Discount) -> None:
    assert BODY.validate_python(as_voucherify(discount)).to_domain() == discount
    shown = discount_response(discount).model_dump(mode="json")
    assert BODY.validate_python(shown).to_domain() == discount  # sent back as it was read


AMOUNT = {"type": "AMOUNT", "amount_off": 500}
UNIT = {"type": "UNIT", "unit_off": 1, "unit_type": "tea", "effect": "ADD_NEW_ITEMS"}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(AMOUNT | {"aggregated_amount_limit": 9}, "effects on items", id="cap"),
        pytest.param(AMOUNT | {"effect": "ADD_NEW_ITEMS"}, "effect", id="effect-of-units"),
        pytest.param(
            {"type": "PERCENT", "percent_off": 5, "effect": "APPLY_TO_ITEMS_BY_QUANTITY"},
            "effect",
            id="effect-of-amounts",
        ),
        pytest.param(
            AMOUNT | {"tiers": [{"from_amount": 9, "amount_off": 1}] * 2}, "rise", id="same-tier"
        ),
        pytest.param(
            {"type": "FIXED", "fixed_amount": 9, "aggregated_amount_limit": 9},
            "aggregated_amount_limit",
            id="cap-of-a-price",
        ),
        pytest.param(UNIT | {"unit_off": 0}, "unit_off", id="no-unit"),
        pytest.param(UNIT | {"unit_type": None}, "unit_type", id="nothing"),
        pytest.param(UNIT | {"effect": "ADD_SAME_ITEMS"}, "effect", id="unknown-effect"),
        pytest.param(UNIT | {"effect": "ADD_MANY_ITEMS"}, "units", id="many-without-units"),
        pytest.param(UNIT | {"units": [UNIT]}, "units", id="one-with-units"),
        pytest.param(UNIT | {"unit_off_formula": "1"}, "unit_off_formula", id="formula"),
        pytest.param({"type": "UNIT", "effect": "ADD_MANY_ITEMS", "units": []}, "units", id="none"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(body: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        BODY.validate_python(body)


def test_what_a_discount_is_for_can_be_written_and_read() -> None:
    for_some = ApplicableTo(
        included=Targets(products=("p1", "p2"), skus=("s1",)), excluded=Targets(skus=("s2",))
    )
    body = applicable_body(for_some)

    assert body is not None
    assert ApplicableToBody.model_validate(body.model_dump()).to_domain() == for_some
    assert applicable_body(ApplicableTo()) is None


def test_which_pieces_are_meant_is_said_of_all_or_of_single_ones() -> None:
    cheapest = {"effect": "APPLY_TO_CHEAPEST", "aggregated_quantity_limit": 1}
    included: tuple[dict[str, Any], ...] = (
        {"object": "product", "id": "shoe", "quantity_limit": 2},
        {"object": "product", "id": "hat"},
        {"object": "sku", "id": "shoe-42", **cheapest},
    )
    of_all, of_some = {"included_all": True, **cheapest}, {"included": included}

    shown: tuple[dict[str, Any], ...] = ()
    for body in (of_all, of_some):
        read = ApplicableToBody.model_validate(body).to_domain()
        told = applicable_body(read)
        assert told is not None
        assert ApplicableToBody.model_validate(told.model_dump()).to_domain() == read
        shown = told.model_dump()["included"]
    assert shown == (included[0] | {"effect": "APPLY_TO_EVERY"}, *included[1:])

    # What is said of a SKU goes before what is said of its product.
    choices = ApplicableToBody.model_validate(of_some).to_domain().choices
    assert [(each.targets.skus, each.targets.products) for each in choices] == [
        (("shoe-42",), ()),
        ((), ("shoe",)),
    ]


def test_every_piece_of_a_sku_is_a_choice_beside_another_one() -> None:
    shoe = {"object": "product", "id": "shoe", "effect": "APPLY_TO_CHEAPEST"}
    every = {"object": "sku", "id": "shoe-42", "effect": "APPLY_TO_EVERY"}
    read = ApplicableToBody.model_validate({"included": [shoe, every]}).to_domain()

    assert read.choices == (
        Choice(targets=Targets(skus=("shoe-42",))),
        Choice(targets=Targets(products=("shoe",)), by="APPLY_TO_CHEAPEST"),
    )
    told = applicable_body(read)
    assert told is not None
    assert [*(told.model_dump()["included"])] == [shoe, every]
    # Alone it leaves nothing out.
    assert not ApplicableToBody.model_validate({"included": [every]}).to_domain().choices


@pytest.mark.parametrize(
    ("again", "fault"),
    [
        pytest.param(
            {"included": [{"effect": "APPLY_TO_EVERY"}]}, "product shoe twice", id="every"
        ),
        pytest.param({"included": [{"quantity_limit": 2}]}, "product shoe twice", id="limit"),
        pytest.param({"included": [{}]}, "product shoe twice", id="nothing"),
        pytest.param({"included": [], "quantity_limit": 1}, "of all and of single ones", id="all"),
    ],
)
def test_which_pieces_of_one_thing_are_meant_is_said_once(
    again: dict[str, Any], fault: str
) -> None:
    shoe = {"object": "product", "id": "shoe"}
    first = shoe | {"effect": "APPLY_TO_CHEAPEST"}
    body = again | {"included": [first, *(shoe | each for each in again["included"])]}

    with pytest.raises(ValidationError, match=fault):
        ApplicableToBody.model_validate(body)


def test_every_piece_of_one_is_not_said_beside_a_choice_of_all() -> None:
    every = {"object": "sku", "id": "shoe-42", "effect": "APPLY_TO_EVERY"}

    with pytest.raises(ValidationError, match="of all and of single ones"):
        ApplicableToBody.model_validate({"included": [every], "effect": "APPLY_TO_CHEAPEST"})


def test_free_units_name_their_own_pieces() -> None:
    terms = Terms(
        discount=FreeUnits(units=(Unit(item="tea", quantity=1, effect="ADD_NEW_ITEMS"),)),
        applicable_to=ApplicableTo(choices=(Choice(most=1),)),
    )

    with pytest.raises(InvalidError, match="applicable_to"):
        check_choices(terms)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param({"included_all": False}, "included_all", id="nothing-is-included"),
        pytest.param(
            {"included": [{"object": "product", "id": "a"}], "included_all": True},
            "included_all",
            id="all-and-one",
        ),
        pytest.param(
            {"included": [{"object": "collection", "id": "a"}]}, "object", id="collection"
        ),
        pytest.param(
            {"included": [{"object": "sku", "id": "a", "amount_limit": 1}]},
            "amount_limit",
            id="limit-of-amount",
        ),
        pytest.param(
            {"included": [{"object": "sku", "id": "a", "effect": "APPLY_TO_SOME"}]},
            "effect",
            id="no-such-selection",
        ),
        pytest.param({"quantity_limit": 0}, "quantity_limit", id="no-piece-at-all"),
        pytest.param(
            {
                "included": [{"object": "sku", "id": "a"}, {"object": "product", "id": "b"}],
                "excluded": [{"object": "product", "id": " b "}],
            },
            "names product b as included and as excluded",
            id="included-and-excluded",
        ),
        pytest.param(
            {
                "included": [{"object": "sku", "id": "a", "quantity_limit": 1}],
                "effect": "APPLY_TO_CHEAPEST",
            },
            "say it once",
            id="of-all-and-of-one",
        ),
        pytest.param(
            {"included": [{"object": "sku", "id": f"{n}", "quantity_limit": 1} for n in range(21)]},
            "20 at most",
            id="too-many-choices",
        ),
        pytest.param(
            {"excluded": [{"object": "sku", "id": "a", "quantity_limit": 1}]},
            "excluded",
            id="a-part-of-what-is-excluded",
        ),
        pytest.param(
            {"excluded": [{"object": "sku", "id": f"{n}"} for n in range(10_001)]},
            "10000",
            id="too-many",
        ),
    ],
)
def test_a_scope_that_nobody_enforces_is_refused_by_name(body: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        ApplicableToBody.model_validate(body)


def test_a_sku_may_be_left_out_of_a_product_of_the_same_id() -> None:
    included, excluded = {"object": "product", "id": "a"}, {"object": "sku", "id": "a"}
    body = {"included": [included], "excluded": [excluded]}

    read = ApplicableToBody.model_validate(body).to_domain()

    assert (read.included.products, read.excluded.skus) == (("a",), ("a",))


@pytest.mark.parametrize(
    ("discount", "said"),
    [
        (AmountOff(amount_off_minor=500), "5.00 EUR off"),
        (
            AmountOff(
                amount_off_minor=500, tiers=(AmountTier(from_minor=9000, amount_off_minor=900),)
            ),
            "5.00 EUR, 9.00 EUR from 90.00 EUR off",
        ),
        (
            AmountOff(amount_off_minor=5, effect="APPLY_TO_ITEMS", most_together_minor=9),
            "0.05 EUR off each line, 0.09 EUR at most together",
        ),
        (
            PercentOff(basis_points=1000, effect="APPLY_TO_ITEMS", most_minor=9),
            "10 % off each line, 0.09 EUR at most",
        ),
        (FixedPrice(price_minor=90, effect="APPLY_TO_ITEMS"), "each for 0.90 EUR"),
        (
            FreeUnits(
                units=(
                    Unit(item=SHIPPING, quantity=1, effect="ADD_MISSING_ITEMS"),
                    Unit(item="tea", quantity=2, effect="ADD_NEW_ITEMS"),
                )
            ),
            "free shipping + 2 × tea free",
        ),
    ],
)
def test_a_discount_in_words(discount: Discount, said: str) -> None:
    assert offer(discount, "EUR") == said
