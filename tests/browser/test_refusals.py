"""Why was my code refused? From the reason down to the attempt, and to what cures it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect


@both_widths
def test_an_expired_code_is_found_and_its_campaign_is_extended(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    partner = deals.partner(shop, deal_url="https://dealhunt.example/autumn")
    now = datetime.now(UTC)
    ended = (now - timedelta(days=2)).isoformat(timespec="milliseconds")
    begun = (now - timedelta(days=9)).isoformat(timespec="milliseconds")
    deals.campaign(
        *(shop, "AUTUMN10"), partner_id=partner["id"], start_date=begun, expiration_date=ended
    )
    assert deals.redemption(shop, "AUTUMN10", 7500)[1]["key"] == "voucher_expired"
    base = sign_in("editor")
    main = page.get_by_role("main")

    page.goto(f"{base}/failures")
    reason = main.get_by_role("link", name="Expired")
    for _ in range(40):  # until the reports know it
        if reason.count():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(page.locator("#failures")).to_contain_text("75.00")
    inspect(page)
    reason.first.click()
    main.locator("#failures").get_by_role("link", name="Dealhunt").click()
    main.locator("#failures").get_by_role("link", name="Autumn").click()
    cures = main.get_by_role("navigation", name="What to do")
    expect(cures.get_by_role("link", name="To the deal's page")).to_have_attribute(
        "href", "https://dealhunt.example/autumn"
    )
    expect(cures.get_by_role("link", name="To the partner Dealhunt")).to_be_visible()
    inspect(page)
    main.locator("#attempts [data-row]").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("AUTUMN10 was refused")
    expect(main).to_contain_text("Expired")
    expect(main).to_contain_text("75.00")
    inspect(page)

    page.go_back()
    cures.get_by_role("link", name="Change its dates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit Autumn")
    page.get_by_label("Last day").fill((now + timedelta(days=30)).date().isoformat())
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Autumn has been saved.")).to_be_visible()
    assert deals.redeem(shop, "AUTUMN10") == 200


def test_a_mistyped_code_leads_to_the_one_that_was_meant(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    deals.campaign(shop, "AUTUMN10")
    _, refused = deals.redemption(shop, "AUTUMM10")
    base = sign_in()

    page.goto(f"{base}/redemptions/{refused['resource_id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("AUTUMM10 was refused")
    page.get_by_role("link", name="AUTUMN10").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("AUTUMN10")
