"""What codes are worth, and for which lines: what was typed is told, and fills the form again."""

from typing import Any

import pytest
from kit.campaign_forms import BERLIN, ON_ORDER, PERCENT_OFF, campaign, reading

from console.pages.campaign_form import filled, typed
from console.web import discount_fields
from console.web.forms import Form
from console.web.terms import Typed

DIVIDED = "APPLY_TO_ITEMS_PROPORTIONALLY"
TIER = {"from_amount": 10_000, "amount_off": 1_000}
SHOES: dict[str, Any] = {"unit_off": 2, "unit_type": "shoe", "effect": "ADD_NEW_ITEMS"}
SHIPPING: dict[str, Any] = {
    "unit_off": 1,
    "unit_type": "prod_5h1pp1ng",
    "effect": "ADD_MISSING_ITEMS",
}


@pytest.mark.parametrize(
    "discount",
    [
        {"type": "PERCENT", "percent_off": 20, "amount_limit": 1_050} | ON_ORDER,
        {"type": "PERCENT", "percent_off": 12.5, "amount_limit": None}
        | {"aggregated_amount_limit": 2_000, "effect": "APPLY_TO_ITEMS"},
        {"type": "AMOUNT", "amount_off": 1_050} | ON_ORDER,
        {"type": "AMOUNT", "amount_off": 0, "aggregated_amount_limit": None}
        | {"tiers": [TIER, TIER | {"from_amount": 20_000}], "effect": DIVIDED},
        {"type": "FIXED", "fixed_amount": 999, "effect": "APPLY_TO_ITEMS"},
        {"type": "UNIT"} | SHOES,
        {"type": "UNIT"} | SHIPPING,
        {"type": "UNIT", "effect": "ADD_MANY_ITEMS", "units": [SHOES, SHIPPING]},
        {"type": "UNIT", "effect": "ADD_MANY_ITEMS", "units": [SHIPPING, SHOES]},
        {"type": "UNIT"} | SHIPPING | {"unit_off": 2},
    ],
)
def test_an_edit_keeps_what_codes_are_worth(discount: dict[str, Any]) -> None:
    there = campaign()
    there["voucher"]["discount"] = discount
    read = reading(filled.values(there, Typed(Form(), "EUR", BERLIN)))

    assert typed.changes(read)["voucher"]["discount"] == discount
    assert not read.faults
    kinds = discount_fields.shown(read.form, "EUR").kinds
    assert [each.value for each in kinds if each.chosen] == [discount["type"]]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"type": "AMOUNT"}, "amount_off"),
        ({"type": "AMOUNT", "amount_off": "5", "tiers.0.amount_off": "10"}, "tiers.0.from_amount"),
        ({"type": "AMOUNT", "amount_off": "5", "tiers.0.from_amount": "10"}, "tiers.0.amount_off"),
        ({"type": "PERCENT", "percent_off": "5", "effect": DIVIDED}, "effect"),
        ({"type": "FIXED", "fixed_amount": "5", "effect": DIVIDED}, "effect"),
        ({"type": "UNIT"}, "units"),
        ({"type": "UNIT", "units.0.unit_off": "2"}, "units.0.unit_type"),
        ({"type": "UNIT", "units.0.unit_off": "½", "units.0.unit_type": "s"}, "units.0.unit_off"),
    ],
)
def test_what_is_wrong_with_a_discount_is_told_at_its_field(
    values: dict[str, str], field: str
) -> None:
    read = reading({f"voucher.discount.{name}": value for name, value in values.items()})

    discount_fields.read(read)

    assert list(read.faults) == [f"voucher.discount.{field}"]


def test_what_the_chosen_kind_does_not_have_is_not_sent() -> None:
    """Its fields are hidden, and may have been filled in before another kind was chosen."""
    read = reading(
        {
            "voucher.discount.type": "UNIT",
            "voucher.discount.percent_off": "much",
            "voucher.discount.effect": DIVIDED,
            "voucher.discount.tiers.0.amount_off": "1",
            "free_shipping": "on",
        }
    )

    assert discount_fields.read(read) == {"type": "UNIT"} | SHIPPING
    assert not read.faults


def test_an_edit_keeps_which_lines_a_discount_is_for() -> None:
    targets = [
        {"object": "product", "id": "shoe"},
        {"object": "sku", "id": "shoe-42"},
        {"object": "product", "id": "sku:odd"},
        {"object": "products_collection", "id": "pc_1"},
    ]
    told = {"included": targets, "excluded": targets[:1], "included_all": False}
    there = campaign(applicable_to=told)
    read = reading(filled.values(there, Typed(Form(), "EUR", BERLIN)))

    expected = {"included": targets, "excluded": targets[:1]}
    assert typed.changes(read)["applicable_to"] == expected
    assert typed.changes(reading(PERCENT_OFF))["applicable_to"] is None


@pytest.mark.parametrize(
    "told",
    [
        {"included": [], "excluded": [], "effect": "APPLY_FROM_CHEAPEST", "quantity_limit": 2},
        {"included": [], "excluded": [], "aggregated_quantity_limit": 1},
        {
            "included": [
                {"object": "product", "id": "shoe", "effect": "APPLY_TO_CHEAPEST"},
                {"object": "sku", "id": "shoe-42", "quantity_limit": 1},
                {"object": "sku", "id": "shoe-43", "effect": "APPLY_TO_EVERY"},
                {"object": "product", "id": "odd | name"},
                {"object": "product", "id": "odd | cheapest |", "quantity_limit": 3},
                {"object": "sku", "id": r"odd | | \| b \\| |", "effect": "APPLY_TO_EVERY"},
                {"object": "products_collection", "id": "pc_2", "effect": "APPLY_TO_EVERY"},
                {
                    "object": "products_collection",
                    "id": "pc_1",
                    "effect": "APPLY_FROM_MOST_EXPENSIVE",
                    "quantity_limit": 2,
                    "aggregated_quantity_limit": 3,
                },
            ],
            "excluded": [{"object": "product", "id": "hat"}],
        },
    ],
)
def test_an_edit_keeps_which_pieces_a_discount_is_for(told: dict[str, Any]) -> None:
    there = campaign(applicable_to=told)
    read = reading(filled.values(there, Typed(Form(), "EUR", BERLIN)))

    assert typed.changes(read)["applicable_to"] == told


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("shoe | cheapst", "cheapst"),
        ("shoe | 0 each", "0 each"),
        ("sku:shoe-42 | 1 each | 2 each", "2 each"),
        ("shoe | every | cheapest", "cheapest"),
        ("shoe | | x", "| x"),
    ],
)
def test_what_is_not_known_behind_a_product_is_a_fault_and_no_name(line: str, unknown: str) -> None:
    read = reading(PERCENT_OFF | {"applicable_to.included": f"hat\r\n{line}"})
    typed.changes(read)

    fault = read.faults["applicable_to.included"]
    assert fault.startswith(f"{line}: “{unknown}” is not known")
    assert "cheapest, from cheapest" in fault
