"""What a code takes off, in words."""

from typing import Any

import pytest

from console.web import offers

UNIT = {"unit_off": 2, "unit_type": "shoe", "effect": "ADD_NEW_ITEMS"}
SHIPPING = {"unit_off": 1, "unit_type": "prod_5h1pp1ng", "effect": "ADD_MISSING_ITEMS"}


@pytest.mark.parametrize(
    ("discount", "said"),
    [
        ({"type": "PERCENT", "percent_off": 15.5, "amount_limit": None}, "15.5 % off"),
        (
            {"type": "PERCENT", "percent_off": 20, "amount_limit": 1_050},
            "20 % off, 10.50 EUR at most",
        ),
        (
            {"type": "PERCENT", "percent_off": 20, "effect": "APPLY_TO_ITEMS"}
            | {"amount_limit": 300, "aggregated_amount_limit": 1_000},
            "20 % off each line, 3.00 EUR at most each, 10.00 EUR at most together",
        ),
        ({"type": "AMOUNT", "amount_off": 500}, "5.00 EUR off"),
        (
            {"type": "AMOUNT", "amount_off": 500, "effect": "APPLY_TO_ITEMS_BY_QUANTITY"},
            "5.00 EUR off each unit",
        ),
        (
            {"type": "AMOUNT", "amount_off": 500, "effect": "APPLY_TO_ITEMS_PROPORTIONALLY"},
            "5.00 EUR off the lines",
        ),
        (
            {"type": "AMOUNT", "amount_off": 500, "effect": "APPLY_TO_ORDER"}
            | {"tiers": [{"from_amount": 10_000, "amount_off": 1_000}]},
            "5.00 EUR off, 10.00 EUR from 100.00 EUR on",
        ),
        ({"type": "FIXED", "fixed_amount": 999}, "all for 9.99 EUR"),
        (
            {"type": "FIXED", "fixed_amount": 999, "effect": "APPLY_TO_ITEMS"},
            "each for 9.99 EUR",
        ),
        ({"type": "UNIT"} | UNIT, "2 × shoe free"),
        (
            {"type": "UNIT", "effect": "ADD_MANY_ITEMS", "units": [UNIT, SHIPPING]},
            "2 × shoe free + free shipping",
        ),
    ],
)
def test_an_offer_is_said(discount: dict[str, Any], said: str) -> None:
    assert offers.offer(discount, "EUR") == said


def test_the_lines_that_a_discount_is_for_are_named_a_few_at_least() -> None:
    products = [{"object": "product", "id": name} for name in ("shoe", "bag", "hat", "sock")]
    gift = {"object": "sku", "id": "gift-1"}

    for_all = {"included": [], "excluded": [], "included_all": True}
    assert not offers.applicable(None)
    assert not offers.applicable(for_all)
    assert offers.applicable({"included": products}) == "only shoe, bag, hat and 1 more"
    both = {"included": products[:1], "excluded": [gift]}
    assert offers.applicable(both) == "only shoe; not gift-1"
