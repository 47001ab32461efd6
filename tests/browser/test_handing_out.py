"""A marketing person sets up a partner and two deals, and hands out a thousand codes."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from kit.chromium import both_widths
from kit.console_people import go_to
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Locator, Page, expect

# As influencers call themselves; a spreadsheet would take it for a formula.
PARTNER = "@dealhunt"


@both_widths
def test_a_partner_is_set_up_with_two_deals_and_handed_a_thousand_codes(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    page.goto(f"{sign_in('editor')}/")

    make_the_partner(page)
    make_the_deal_of_one_public_code(page)
    make_the_deal_of_unique_codes(page)
    make_more_codes(page)
    share_a_thousand_of_them(page)
    find_them(page)
    seen = page.locator("#codes [data-row] a.main").all_inner_texts()
    exported = rows_of(export(page, "Export 1,000 rows"))

    assert [row["code"] for row in exported[: len(seen)]] == seen
    assert len({row["code"] for row in exported}) == 1_000
    assert all(row["code"].startswith("WIN-") for row in exported)
    assert {row["partner"] for row in exported} == {f"'{PARTNER}"}
    key = make_the_feed_key(page)
    feed = shop.http.get("/v1/feed", headers={"Authorization": f"Bearer {key}"}).json()
    assert {code["code"] for code in feed["codes"]} == {row["code"] for row in exported}


def make_the_partner(page: Page) -> None:
    go_to(page, "Partners")
    page.get_by_role("main").get_by_role("link", name="New partner").first.click()
    page.get_by_label("Name", exact=True).fill(PARTNER)
    page.get_by_label("Contact").fill("Ada, ada@dealhunt.example")
    page.get_by_label("Deal page").fill("https://dealhunt.example/deals")
    page.get_by_label("Notes").fill("Paid monthly, 30 days after the month's end.")
    inspect(page)
    page.get_by_role("button", name="Create partner").click()
    expect(page.locator("#said-last")).to_contain_text(f"{PARTNER} is created")
    expect(page.get_by_role("heading", level=1)).to_have_text(PARTNER)
    inspect(page)


def make_the_deal_of_one_public_code(page: Page) -> None:
    page.get_by_role("link", name="New campaign").click()
    expect(page.get_by_label("Partner")).to_have_value(PARTNER)
    preview = page.locator("#preview")
    page.get_by_label("Name", exact=True).fill("Autumn")
    page.get_by_label("Channel").fill("influencer")
    page.get_by_label("Percent off").fill("15")
    expect(preview).to_contain_text("15.00 off, 85.00 to pay")
    page.get_by_label("Last day").fill("2028-11-30")
    expect(preview).to_contain_text("30 Nov 2028, 23:59:59 Europe/Berlin")
    page.get_by_label("Redemptions in all").fill("500")
    page.get_by_label("Share of the net").fill("5")
    expect(preview).to_contain_text("9,625.00 for 500 redemptions")
    page.get_by_label("One public code for everybody").check()
    page.get_by_label("The code", exact=True).fill("AUTUMN15")
    expect(preview).not_to_contain_text("Possible codes")
    expect(page.get_by_label("Redemptions per code")).to_have_value("")
    expect(preview).to_contain_text("as often as the limits allow")
    inspect(page)
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Autumn")
    facts = page.get_by_role("region", name="Codes")
    expect(facts.get_by_role("link", name="AUTUMN15")).to_be_visible()
    expect(facts).to_contain_text("Issued1")
    inspect(page)


def make_the_deal_of_unique_codes(page: Page) -> None:
    go_to(page, "Campaigns")
    page.get_by_role("main").get_by_role("link", name="New campaign").click()
    preview = page.locator("#preview")
    page.get_by_label("Name", exact=True).fill("Winter mailing")
    page.get_by_label("Partner").fill(PARTNER)
    page.get_by_label("Channel").fill("newsletter")
    page.get_by_label("A fixed amount, EUR").check()
    page.get_by_label("Amount off").fill("10")
    expect(preview).to_contain_text("10.00 off, 90.00 to pay")
    page.get_by_label("How many").fill("300")
    page.get_by_label("Prefix").fill("WIN-")
    page.get_by_label("Characters", exact=True).select_option(label="Capitals and digits")
    expect(preview.locator("code").first).to_have_text(re.compile(r"^WIN-[0-9A-Z]{6,}$"))
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter mailing")
    facts = page.get_by_role("region", name="Codes")
    expect(facts).to_contain_text("Issued300")  # by itself
    expect(facts).to_contain_text("Unique codes left to share300")


def make_more_codes(page: Page) -> None:
    page.get_by_role("button", name="Make codes").click()
    dialog = page.get_by_role("dialog", name="Make more unique codes")
    dialog.get_by_label("How many").fill("700")
    inspect(page)
    dialog.get_by_role("button", name="Make codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Issue 700 codes")
    main = page.get_by_role("main")
    expect(main).to_contain_text("700 of 700")
    expect(main).to_contain_text("@shop.example")
    inspect(page)
    page.get_by_role("navigation", name="You are here").get_by_role("link").last.click()
    expect(page.locator("[data-row]")).to_have_count(2)
    inspect(page)


def share_a_thousand_of_them(page: Page) -> None:
    go_to(page, "Campaigns")
    page.get_by_role("link", name="Winter mailing", exact=True).click()
    facts = page.get_by_role("region", name="Codes")
    expect(facts).to_contain_text("Issued1,000")
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Share codes with {PARTNER}")
    dialog.get_by_label("How many").fill("1000")
    inspect(page)
    dialog.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator("#said-last")).to_contain_text("1,000 codes are shared with the partner.")
    expect(facts).to_contain_text("Shared with the partner1,000")
    expect(facts).to_contain_text("Unique codes left to share0")
    page.get_by_role("main").get_by_role("link", name=PARTNER).first.click()
    page.get_by_role("link", name="Shared codes").click()
    share = page.locator("#shares [data-row]")
    expect(share).to_have_count(1)
    expect(share).to_contain_text("1,000 codes")
    inspect(page)


def find_them(page: Page) -> None:
    """Filter the list of codes by hand; the address is the view, a reload shows the same."""
    go_to(page, "Codes")
    rows = page.locator("#codes [data-row]")
    expect(rows).to_have_count(50)
    inspect(page)
    page.get_by_role("searchbox", name="Search by code").fill("WIN-")
    expect(page.get_by_role("group", name="Applied filters")).to_contain_text("WIN-")
    filters = open_filters(page)
    pick(filters, "Shared with", PARTNER)
    expect(page).to_have_url(re.compile(r"shared=part_"))
    pick(filters, "Columns", "Partner")
    expect(page).to_have_url(re.compile(r"cols="))
    close_filters(page)
    expect(page.locator("#view")).to_contain_text("1–50 of 1,000")
    expect(rows.first).to_contain_text(PARTNER)
    inspect(page)
    codes = rows.locator("a.main")
    seen, address = codes.all_inner_texts(), page.url
    page.reload()
    expect(codes).to_have_text(seen)
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page.locator("#view")).to_contain_text("51–100 of 1,000")
    page.go_back()
    expect(page).to_have_url(address)
    expect(codes).to_have_text(seen)
    page.get_by_role("button", name="Always show these columns").click()
    expect(page.locator("#said-last")).to_contain_text("This list has these columns from now on")
    expect(page).not_to_have_url(re.compile(r"cols="))
    expect(codes).to_have_text(seen)
    expect(rows.first).to_contain_text(PARTNER)
    expect(page.get_by_role("button", name="Show the usual columns again")).to_be_visible()


def make_the_feed_key(page: Page) -> str:
    go_to(page, "Partners")
    page.get_by_role("link", name=PARTNER, exact=True).click()
    page.get_by_role("link", name="Make a key").click()
    page.get_by_role("button", name="Make a key").click()
    key = page.locator(".secret code").first.inner_text()
    inspect(page)
    page.get_by_role("link", name="I have stored it").click()
    page.get_by_role("link", name="Replace or revoke").click()
    expect(page.get_by_role("button", name="Make another key")).to_be_visible()
    assert key not in page.content()
    return key


def open_filters(page: Page) -> Locator:
    """On a phone they stand in a sheet."""
    button = page.get_by_role("button", name=re.compile("^Filters"))
    if button.is_visible():
        button.click()
    return page.locator("#filter-sheet")


def close_filters(page: Page) -> None:
    close = page.locator("#filter-sheet").get_by_role("button", name="Close")
    if close.is_visible():
        close.click()


def pick(filters: Locator, name: str, option: str) -> None:
    filters.locator("summary").filter(has_text=re.compile(f"^{name}")).click()
    filters.get_by_role("group", name=name, exact=True).get_by_label(option, exact=True).check()


def export(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return Path(download.value.path()).read_bytes()


def rows_of(exported: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"))))
