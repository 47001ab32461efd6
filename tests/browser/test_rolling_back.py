"""A parcel comes back, then the other one: a redemption is rolled back in part, and whole."""

from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from kit.people import Shop
from playwright.sync_api import Page, expect


@both_widths
def test_a_redemption_is_rolled_back_in_part_and_whole(
    page: Page, shop: Shop, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/rollback")
    deals.campaign(shop, "AUTUMN10", name="Autumn", total_limit=1)
    _, done = deals.redemption(shop, "AUTUMN10")
    id_ = done["redemptions"][0]["id"]
    base = sign_in()
    main = page.get_by_role("main")

    page.goto(f"{base}/redemptions/{id_}")
    page.get_by_role("link", name="Roll back…").click()
    expect(main).to_contain_text("AUTUMN10 may be redeemed once more.")
    expect(main).to_contain_text("5.00 EUR of discount is given back to budgets.")
    amount = page.get_by_label("Of the order")
    expect(amount).to_be_hidden()
    page.get_by_label("A part of its order").check()
    page.get_by_role("button", name="Roll back").click()
    expect(main).to_contain_text("Say how much of the order is rolled back")
    inspect(page)
    amount.fill("20")
    page.get_by_label("Why").fill("one parcel came back")
    page.get_by_role("button", name="Roll back").click()
    expect(page.locator("#said-last")).to_contain_text("2.00 EUR of discount was given back.")
    expect(main).to_contain_text("20.00 EUR of the order, 2.00 EUR of discount")
    assert deals.redeem(shop, "AUTUMN10") == 400  # its use is still taken
    inspect(page)

    page.get_by_role("link", name="Roll back…").click()
    expect(main).to_contain_text("3.00 EUR of discount is given back to budgets.")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "AUTUMN10 was redeemed, and rolled back"
    )
    expect(page.get_by_role("link", name="Roll back…")).to_have_count(0)
    inspect(page)
    assert deals.redeem(shop, "AUTUMN10") == 200

    page.goto(f"{base}/redemptions?period=all&result=ROLLBACK")
    rows = page.locator("#redemptions tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("one parcel came back")
    inspect(page)
    page.goto(str(rows.last.locator("a.main").get_attribute("href")))  # behind "More" on a phone
    expect(main).to_contain_text("no, a part")
    page.get_by_role("link", name="To the redemption").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "AUTUMN10 was redeemed, and rolled back"
    )
    page.goto(f"{base}/redemptions?period=all&result=SUCCESS")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("Rolled back")
