"""Why was my code refused? From the reason down to the attempt, and to what cures it."""

from collections.abc import Callable

from kit import deals
from kit.people import Shop
from playwright.sync_api import Page, expect


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
