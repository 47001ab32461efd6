"""Would this code pass, and why not? From a code, and from an attempt that was refused."""

from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect


@both_widths
def test_a_code_is_tried_until_it_would_pass_and_nothing_is_spent(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    ends = {"start_date": "2026-01-01T00:00:00Z", "expiration_date": "2029-10-31T23:00:00Z"}
    deals.campaign(shop, "AUTUMN10", name="Autumn", total_limit=1, **ends)
    base = sign_in()
    main, answer = page.get_by_role("main"), page.locator("#answer")
    tried = page.locator("#tried > li")

    page.goto(f"{base}/codes/AUTUMN10")
    page.get_by_role("link", name="Try it", exact=True).click()
    expect(answer).to_contain_text("It would be refused.")
    expect(tried).to_contain_text("No order sent")
    inspect(page)
    page.get_by_role("link", name="A basket, since the discount depends on it").click()
    page.get_by_label("Basket before discount").fill("50")
    page.get_by_label("Customer").fill("shopper-7")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(answer).to_contain_text("It would be redeemed.")
    expect(answer).to_be_focused()
    expect(tried).to_contain_text("45.00 EUR")
    inspect(page)

    page.get_by_label("Codes", exact=True).fill("AUTUMN10\nAUTUMM10")
    page.get_by_label("Moment").fill("2029-12-24T18:00")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(answer).to_contain_text("as of 24 Dec 2029, 18:00")
    expect(tried.first).to_contain_text("A moment up to 31 Oct 2029, 23:59:59")
    expect(tried.last).to_contain_text("Not judged")
    inspect(page)
    page.get_by_role("link", name="Change its dates").click()
    expect(page.get_by_label("Last day")).to_have_value("2029-10-31")

    assert deals.redeem(shop, "AUTUMN10") == 200  # its only use was left
    _, refused = deals.redemption(shop, "AUTUMN10")
    page.goto(f"{base}/redemptions/{refused['resource_id']}")
    page.get_by_role("link", name="Try it again").click()
    expect(page.get_by_label("Basket before discount")).to_have_value("50.00")
    expect(tried).to_contain_text("One more use: 0 of 1 are left")
    page.get_by_label("Codes", exact=True).fill("AUTUMM10")
    page.get_by_role("button", name="Try", exact=True).click()
    main.get_by_role("link", name="Search for it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes")
