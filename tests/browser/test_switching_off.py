"""A deal is misused: one press stops it, from wherever it is seen."""

import re
from collections.abc import Callable

import pytest
from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

ENFORCED = re.compile(r"Enforced at .*\d\d:\d\d:\d\d")


@both_widths
@pytest.mark.parametrize("seen_in", ["the list", "its page"])
def test_a_deal_is_disabled_in_one_press_and_enabled_by_undo(
    page: Page, shop: Shop, sign_in: Callable[..., str], seen_in: str
) -> None:
    made = deals.campaign(shop, "AUTUMN10")
    base = sign_in("editor")
    main = page.get_by_role("main")

    if seen_in == "the list":
        page.goto(f"{base}/campaigns")
        main.get_by_role("button", name="Disable Autumn").click()
    else:
        page.goto(f"{base}/campaigns/{made['id']}")
        main.get_by_role("button", name="Disable", exact=True).click()
    said = page.locator("#said-last")
    expect(said).to_contain_text("Disabled.")
    expect(said).to_contain_text(ENFORCED)

    refused, why = deals.redemption(shop, "AUTUMN10")
    assert (refused, why["key"]) == (400, "campaign_inactive")
    inspect(page)

    said.get_by_role("button", name="Undo").click()
    expect(said).to_contain_text("Enabled.")
    assert deals.redeem(shop, "AUTUMN10") == 200
    page.goto(f"{base}/campaigns/{made['id']}")
    expect(main.get_by_role("button", name="Disable", exact=True)).to_be_visible()


def test_undo_does_not_undo_what_somebody_else_has_done_since(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, "AUTUMN10")
    page.goto(f"{sign_in('editor')}/campaigns/{made['id']}")
    page.get_by_role("main").get_by_role("button", name="Disable", exact=True).click()
    expect(page.locator("#said-last")).to_contain_text("Disabled.")

    shop.made(f"/v1/campaigns/{made['id']}/enable", {})
    shop.made(f"/v1/campaigns/{made['id']}/disable", {})
    page.locator("#said-last").get_by_role("button", name="Undo").click()

    expect(page.locator("#said-last")).not_to_contain_text("Enabled.")
    assert deals.redeem(shop, "AUTUMN10") == 400


def test_a_single_code_and_a_partner_are_switched_off_alike(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, "AUTUMN10", "AUTUMN20")
    base = sign_in("editor")
    main = page.get_by_role("main")

    page.goto(f"{base}/codes/AUTUMN10")
    main.get_by_role("button", name="Disable", exact=True).click()
    expect(page.locator("#said-last")).to_contain_text(ENFORCED)
    assert deals.redemption(shop, "AUTUMN10")[1]["key"] == "voucher_disabled"
    assert deals.redeem(shop, "AUTUMN20") == 200

    page.goto(f"{base}/partners/{made['partner_id']}")
    main.get_by_role("button", name="Disable", exact=True).click()
    expect(page.locator("#said-last")).to_contain_text("Dealhunt is disabled with 1 campaign.")
    assert deals.redeem(shop, "AUTUMN20") == 400
    page.locator("#said-last").get_by_role("button", name="Undo").click()
    expect(page.locator("#said-last")).to_contain_text("Dealhunt is enabled")
    assert deals.redeem(shop, "AUTUMN20") == 200


def test_who_only_reads_has_no_switch(page: Page, shop: Shop, sign_in: Callable[..., str]) -> None:
    made = deals.campaign(shop, "AUTUMN10")
    base = sign_in("viewer")

    for path in ("/campaigns", f"/campaigns/{made['id']}", "/codes", "/codes/AUTUMN10"):
        page.goto(base + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^Disable"))).to_have_count(0)
        expect(page.get_by_role("main").get_by_role("link", name="Edit")).to_have_count(0)
        inspect(page)
