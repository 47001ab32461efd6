"""A marketing person makes a partner and two deals, and hands out a thousand codes."""

import csv
import re
from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

ENOUGH_MS = 30_000  # a job makes a thousand codes in seconds


def click(page: Page, name: str, *, role: str = "button") -> None:
    page.get_by_role("main").get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


@both_widths
def test_a_partner_and_two_deals_are_made_and_a_thousand_codes_are_handed_out(
    page: Page, sign_in: Callable[..., str]
) -> None:
    base = sign_in("editor")

    page.goto(f"{base}/partners")
    click(page, "New partner", role="link")
    page.get_by_label("Name").fill("Dealhunt")
    page.get_by_label("Deal page").fill("https://dealhunt.example/shop")
    click(page, "Create partner")
    expect(page.get_by_role("heading", name="Dealhunt", level=1)).to_be_visible()
    inspect(page)

    page.goto(f"{base}/campaigns")
    click(page, "New campaign", role="link")
    page.get_by_label("Name", exact=True).fill("Autumn, one each")
    page.get_by_label("Partner").fill("Dealhunt")
    page.get_by_label("Channel").fill("newsletter")
    page.get_by_label("Percent off").fill("12.5")
    page.get_by_label("How many").fill("1500")
    page.get_by_label("Prefix").fill("AUT-")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("12.50 off, 87.50 to pay")
    expect(preview.locator("li code").first).to_have_text(re.compile("^AUT-"))
    expect(preview).to_contain_text("bits")
    inspect(page)
    click(page, "Create campaign")
    expect(page.get_by_role("heading", name="Autumn, one each", level=1)).to_be_visible()
    expect(page.get_by_text("12.5 % off").first).to_be_visible()

    page.goto(f"{base}/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Autumn, for all")
    page.get_by_label("Partner").fill("Dealhunt")
    page.get_by_label("Channel").fill("podcast")
    page.get_by_label("A fixed amount").check()
    page.get_by_label("Amount off").fill("5")
    page.get_by_label("One public code for everybody").check()
    page.get_by_label("The code").fill("AUTUMN5")
    click(page, "Create campaign")
    expect(page.get_by_role("heading", name="Autumn, for all", level=1)).to_be_visible()

    page.goto(f"{base}/campaigns")
    page.get_by_role("link", name="Autumn, one each").click()
    issued = page.get_by_role("region", name="Codes", exact=True)
    for _ in range(60):  # the codes are made in the background
        if issued.get_by_text("1,500").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    click(page, "Share")
    page.get_by_role("dialog").get_by_role("button", name="Share").click()
    expect(page.get_by_text("1,000 codes are shared with the partner.")).to_be_visible()
    expect(issued).to_contain_text("500")
    inspect(page)


@both_widths
def test_codes_are_found_filtered_sorted_paged_and_exported(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, name="Autumn", vouchers_count=130)
    deals.campaign(shop, "SUMMER5", name="Summer", partner_id=made["partner_id"])
    base = sign_in("editor")
    narrow = (page.viewport_size or {"width": 0})["width"] < 600

    page.goto(f"{base}/codes")
    rows = page.locator("[data-row]")
    for _ in range(60):  # the codes are made in the background
        if page.get_by_text("131").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(rows).to_have_count(50)

    page.get_by_role("searchbox", name="Search by code").fill("SUMM")
    expect(rows).to_have_count(1)
    expect(page).to_have_url(re.compile("q=SUMM"))
    page.get_by_role("link", name="Contains “SUMM”").click()
    expect(rows).to_have_count(50)

    if narrow:
        page.get_by_role("button", name="Filters").click()
    page.locator("summary", has_text="Redeemed").click()
    page.get_by_label("At most").fill("0")
    page.get_by_label("At most").press("Enter")
    expect(page).to_have_url(re.compile("redeemed_max=0"))
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Columns").get_by_label("Created", exact=True).check()
    expect(page).to_have_url(re.compile("cols="))
    if narrow:
        page.locator("#filter-sheet").get_by_role("button", name="Apply").click()
        page.keyboard.press("Escape")
        page.goto(page.url + "&sort=code")
    else:
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Code", exact=True).click()
    expect(page).to_have_url(re.compile("sort=-?code"))
    expect(rows).to_have_count(50)
    inspect(page)

    first = rows.first.get_by_role("link").first.inner_text()
    page.get_by_role("link", name="Next").click()
    expect(rows.first).not_to_contain_text(first)
    seen = page.url
    second = rows.first.get_by_role("link").first
    name = second.inner_text()
    second.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    page.go_back()
    expect(page).to_have_url(seen)
    expect(rows.first).to_contain_text(name)

    with page.expect_download() as begun:
        page.get_by_role("link", name="Export 131 rows").click()
    with begun.value.path().open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 131
