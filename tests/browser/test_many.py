"""Many codes at once: one sees how many, is asked once, sees how far it is, and can undo it."""

from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

ENOUGH_MS = 30_000


@both_widths
def test_all_codes_that_match_are_disabled_and_that_is_undone(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    codes = [f"AUTUMN-{number:02}" for number in range(30)]
    deals.campaign(shop, *codes)
    base = sign_in("editor")
    main = page.get_by_role("main")
    bar = main.get_by_role("group", name="With what is selected")

    page.goto(f"{base}/codes?limit=25")
    expect(page.locator("[data-row]")).to_have_count(25)
    expect(bar).to_be_hidden()  # nothing is selected: there is nothing to press

    page.get_by_label("Select AUTUMN-29").check()
    expect(bar).to_contain_text("1 selected")
    page.get_by_label("Select AUTUMN-29").uncheck()
    expect(bar).to_be_hidden()

    for box in page.locator(".select").all():
        box.check()
    expect(bar).to_contain_text("25 selected")
    bar.get_by_label("All 30 that match").check()
    inspect(page)
    bar.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disable 30 codes?")
    expect(main.get_by_role("link", name="Cancel")).to_be_focused()
    assert deals.redeem(shop, codes[0]) == 200
    inspect(page)
    main.get_by_role("button", name="Disable 30 codes").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Disable 30 codes")
    expect(main).to_contain_text("30 of 30", timeout=ENOUGH_MS)
    expect(main.get_by_role("progressbar", name="Progress")).to_have_attribute("value", "100")
    assert {deals.redeem(shop, code) for code in codes[:3]} == {400}
    page.reload()
    inspect(page)
    main.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undo")
    expect(main).to_contain_text("30 of 30", timeout=ENOUGH_MS)
    assert {deals.redeem(shop, code) for code in codes[:3]} == {200}


def test_cancel_leads_back_to_what_was_looked_at(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    deals.campaign(shop, "AUTUMN-1", "AUTUMN-2", "SUMMER-1")
    page.goto(f"{sign_in('editor')}/codes?q=AUTUMN")
    seen = page.url

    page.get_by_label("Select AUTUMN-1").check()
    page.get_by_role("button", name="Put into the bin").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Put 1 code into the bin?")
    page.get_by_role("main").get_by_role("link", name="Cancel").click()

    expect(page).to_have_url(seen)
    assert deals.redeem(shop, "AUTUMN-1") == 200
