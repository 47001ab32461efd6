"""A discount as it is typed, kept, shown, and changed: by the running platform."""

from typing import Any

from kit.people import Shop, Somebody

NAME = "voucher.discount"
TYPED = {
    f"{NAME}.type": "AMOUNT",
    f"{NAME}.amount_off": "5",
    f"{NAME}.effect": "APPLY_TO_ITEMS_BY_QUANTITY",
    f"{NAME}.aggregated_amount_limit": "50",
    f"{NAME}.tiers.1.from_amount": "100",
    f"{NAME}.tiers.1.amount_off": "10",
    "applicable_to.included": "shoe\r\nsku:shoe-42",
}


def stored(shop: Shop, campaign: str) -> Any:
    return shop.http.get(f"/v1/campaigns/{campaign}", headers=shop.keys).json()


def test_a_discount_on_lines_is_made_shown_kept_and_changed(owner: Somebody, shop: Shop) -> None:
    browser, new = owner.browser, f"{owner.home}/campaigns/new"

    half = TYPED | {f"{NAME}.tiers.1.from_amount": ""}
    wrong = browser.send(browser.open(new), name="Shoes", codes="none", **half)
    assert wrong.status == 422
    assert f'aria-describedby="{NAME}.tiers.0-error"' in wrong.answer.text
    page = browser.follow(browser.send(wrong, **{f"{NAME}.tiers.0.from_amount": "100"}))

    assert "5.00 EUR off each unit, 10.00 EUR from 100.00 EUR on" in page.text
    assert "only shoe, shoe-42" in page.text
    made = stored(shop, "Shoes")
    place = f"{owner.home}/campaigns/{made['id']}"
    browser.follow(browser.send(browser.open(f"{place}/edit"), description="For feet"))
    kept = stored(shop, made["id"])
    assert kept["description"] == "For feet"
    assert (
        kept["voucher"]["discount"]
        == made["voucher"]["discount"]
        == {
            "type": "AMOUNT",
            "amount_off": 500,
            "effect": "APPLY_TO_ITEMS_BY_QUANTITY",
            "aggregated_amount_limit": 5000,
            "tiers": [{"from_amount": 10000, "amount_off": 1000}],
        }
    )
    assert kept["applicable_to"] == made["applicable_to"]

    form = browser.open(f"{place}/edit")
    free = {f"{NAME}.type": "UNIT", "free_shipping": "on", f"{NAME}.units.0.unit_type": "sock"}
    page = browser.follow(browser.send(form, **free | {"applicable_to.included": ""}))
    assert "1 × sock free + free shipping" in page.text
    history = browser.open(f"{place}/history")
    assert "What is free" in history.text
    assert stored(shop, made["id"])["applicable_to"] is None


def test_the_cheapest_piece_is_chosen_shown_and_kept(owner: Somebody, shop: Shop) -> None:
    browser = owner.browser
    new = browser.open(f"{owner.home}/campaigns/new")

    typed = {
        f"{NAME}.type": "PERCENT",
        f"{NAME}.percent_off": "100",
        f"{NAME}.effect": "APPLY_TO_ITEMS",
        "applicable_to.included": "shoe | 2 each\r\nhat",
    }
    both = typed | {"applicable_to.effect": "APPLY_TO_CHEAPEST"}
    refused = browser.send(new, name="Cheapest", codes="none", **both)
    assert refused.status == 422
    once = typed | {"applicable_to.effect": "APPLY_TO_EVERY"}
    page = browser.follow(browser.send(refused, **once))
    assert "only shoe (2 pieces of a line at most), hat" in page.text

    made = stored(shop, "Cheapest")
    place = f"{owner.home}/campaigns/{made['id']}"
    of_all = {
        "applicable_to.included": "",
        "applicable_to.effect": "APPLY_TO_CHEAPEST",
        "applicable_to.aggregated_quantity_limit": "1",
    }
    page = browser.follow(browser.send(browser.open(f"{place}/edit"), **of_all))
    assert "the cheapest line; 1 piece at most" in page.text
    kept = stored(shop, made["id"])["applicable_to"]
    assert kept == {
        "included": [],
        "excluded": [],
        "included_all": True,
        "effect": "APPLY_TO_CHEAPEST",
        "aggregated_quantity_limit": 1,
    }
    browser.follow(browser.send(browser.open(f"{place}/edit"), description="For feet"))
    assert stored(shop, made["id"])["applicable_to"] == kept
    assert "the cheapest line" in browser.open(f"{place}/history").text
