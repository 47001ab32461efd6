"""Nothing is gone at once: the bin, codes that stand alone, copies, and who changed what."""

from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect


@both_widths
def test_a_campaign_goes_to_the_bin_and_comes_back(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, "AUTUMN10")
    base = sign_in("editor")
    main = page.get_by_role("main")

    page.goto(f"{base}/campaigns/{made['id']}")
    main.get_by_role("button", name="More", exact=True).click()
    inspect(page)
    main.get_by_role("button", name="Put into the bin").click()
    expect(page.locator("#said-last")).to_contain_text("Autumn is in the bin")
    assert deals.redeem(shop, "AUTUMN10") != 200
    page.goto(f"{base}/campaigns?status=all")
    expect(page.get_by_role("link", name="Autumn", exact=True)).to_have_count(0)
    page.goto(f"{base}/campaigns?status=in_bin")
    expect(page.get_by_role("link", name="Autumn", exact=True)).to_be_visible()
    inspect(page)

    main.get_by_role("button", name="Take out of the bin").last.click()
    expect(page.locator("#said-last")).to_contain_text("Autumn is out of the bin")
    assert deals.redeem(shop, "AUTUMN10") == 200


def test_a_copy_begins_with_the_terms_of_the_first(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, "AUTUMN10", total_limit=500, description="For readers")
    base = sign_in("editor")

    page.goto(f"{base}/campaigns/{made['id']}")
    page.get_by_role("main").get_by_role("button", name="More", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="Copy", exact=True).click()

    expect(page.get_by_label("Name", exact=True)).to_have_value("Autumn (copy)")
    expect(page.get_by_label("Partner")).to_have_value("Dealhunt")
    expect(page.get_by_label("Percent off")).to_have_value("10")
    expect(page.get_by_label("Redemptions in all")).to_have_value("500")
    expect(page.get_by_label("Description")).to_have_value("For readers")
    page.get_by_label("None yet").check()
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Autumn (copy)")


@both_widths
def test_history_shows_who_changed_what_from_what_into_what(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, description="As it was")
    base = sign_in("editor")
    main = page.get_by_role("main")

    page.goto(f"{base}/campaigns/{made['id']}/edit")
    page.get_by_label("Description").fill("As it is")
    page.get_by_role("button", name="Save changes").click()
    main.get_by_role("link", name="History").click()

    changed = main.get_by_role("listitem").filter(has_text="Campaign Autumn changed")
    expect(changed.locator("del")).to_contain_text("As it was")
    expect(changed.locator("ins")).to_contain_text("As it is")
    expect(changed).to_contain_text("@shop.example, in the console")
    expect(main.get_by_role("listitem").filter(has_text="created")).to_contain_text("by a program")
    inspect(page)
