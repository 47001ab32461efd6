"""Why was my code refused? From the reason down to the attempt, and to what cures it."""

import re
from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.console_people import go_to, reload_until
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Locator, Page, expect

DEAL_PAGE = "https://dealhunt.example/deals"


@both_widths
def test_from_expired_down_to_the_attempt_and_to_who_still_shows_the_code(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    partner = deals.partner(shop, deal_url=DEAL_PAGE)["id"]
    ended = {"start_date": "2026-01-01T00:00:00Z", "expiration_date": "2026-10-31T23:00:00Z"}
    deals.campaign(shop, "SUMMER10", "SUMMER20", partner_id=partner, name="Summer", **ended)
    deals.campaign(shop, "WINTER10", partner_id=partner, name="Winter", total_limit=1)
    budget = [{"of": "campaign", "per": "month", "discount_amount": 100}]
    deals.campaign(shop, "SPRING10", partner_id=partner, name="Spring", limits=budget)
    used_up = ("WINTER10", "WINTER10", "SPRING10")
    for code in ("SUMMER10", "SUMMER10", "SUMMER20", *used_up, "SUMMMER1"):
        deals.redeem(shop, code)
    page.goto(f"{sign_in('editor')}/")
    main = page.get_by_role("main")

    go_to(page, "Refusals")
    reload_until(page, row(page, "Expired").filter(has_text="150.00"))
    for reason in ("Campaign used up", "Budget used up", "Unknown code"):
        reload_until(page, row(page, reason).filter(has_text="50.00"))
    expect(main).to_contain_text("5.00 EUR are more than 1.00, which are left of 1.00")
    inspect(page)  # as wide as the window, whatever is told beside a reason
    for down in ("Expired", "Dealhunt", "Summer", "SUMMER10"):
        follow(page, row(page, down), down)
    expect(main.get_by_role("group", name="Applied filters").get_by_role("link")).to_have_count(5)
    attempts = page.locator("#attempts [data-row]")
    expect(attempts).to_have_count(2)
    inspect(page)

    attempts.first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("SUMMER10 was refused")
    expect(main).to_contain_text("Was valid until 31 Oct 2026, 23:59:59")
    expect(main.get_by_role("link", name="Dealhunt")).to_be_visible()
    inspect(page)
    page.go_back()

    cures = page.get_by_role("navigation", name="What to do")
    expect(cures.get_by_role("link", name="To the deal's page")).to_have_attribute(
        "href", DEAL_PAGE
    )
    cures.get_by_role("link", name="To the partner Dealhunt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dealhunt")
    page.go_back()
    cures.get_by_role("link", name="Change its dates").click()
    expect(page.get_by_label("Last day")).to_have_value("2026-10-31")
    page.get_by_label("Last day").fill("2028-11-30")
    page.get_by_role("button", name="Save changes").click()
    expect(main.locator(".status").first).to_have_text("Live")
    assert deals.redeem(shop, "SUMMER10") == 200


def test_each_other_reason_leads_to_its_cure(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    partner = deals.partner(shop)["id"]
    stopped = deals.campaign(shop, "AUTUMN10", partner_id=partner, name="Autumn")
    shop.made(f"/v1/campaigns/{stopped['id']}/disable", {})
    deals.campaign(shop, "WINTER10", partner_id=partner, name="Winter", total_limit=1)
    for code in ("AUTUMN10", "WINTER10", "WINTER10"):
        deals.redeem(shop, code)
    page.goto(f"{sign_in('editor')}/")
    main = page.get_by_role("main")
    cures = page.get_by_role("navigation", name="What to do")

    go_to(page, "Refusals")
    reload_until(page, row(page, "Campaign used up"))
    for down in ("Campaign used up", "Dealhunt", "Winter"):
        follow(page, row(page, down), down)
    cures.get_by_role("link", name="Raise its limits").click()
    page.get_by_label("Redemptions in all").fill("2")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter")
    assert deals.redeem(shop, "WINTER10") == 200

    go_to(page, "Refusals")
    reload_until(page, row(page, "Campaign disabled"))
    for down in ("Campaign disabled", "Dealhunt", "Autumn"):
        follow(page, row(page, down), down)
    expect(cures.get_by_role("link", name=re.compile("^(Edit|Change|Raise)"))).to_have_count(0)
    cures.get_by_role("link", name="To the campaign Autumn").click()
    main.get_by_role("button", name="Enable", exact=True).click()
    expect(page.locator("#said-last")).to_contain_text("Enabled.")
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


def row(page: Page, name: str) -> Locator:
    link = page.get_by_role("link", name=name, exact=True)
    return page.locator("#failures [data-row]").filter(has=link)


def follow(page: Page, line: Locator, name: str) -> None:
    line.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("group", name="Applied filters")).to_contain_text(name)
