"""A partner at their own pages, in Chromium."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from kit.chromium import both_widths, every_look, phone
from kit.console_people import sign_in_as
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect


def deal(shop: Shop, partner_id: str, name: str = "Autumn", code: str = "AUTUMN10") -> str:
    """Make a campaign of one code, and share it; return its id."""
    body: dict[str, Any] = {
        "name": name,
        "partner_id": partner_id,
        "channel": "newsletter",
        "landing_url": "https://shop.example/",
        "voucher": {"type": "DISCOUNT_VOUCHER", "discount": {"type": "PERCENT", "percent_off": 10}},
        "commission_plan": {"share_basis_points": 500},
    }
    made = shop.made("/v1/campaigns", body)
    shop.made(f"/v1/campaigns/{made['id']}/vouchers/{code}", {})
    share = {"kind": "campaign", "campaign_id": made["id"]}
    shop.made(f"/v1/partners/{partner_id}/shares", share)
    return str(made["id"])


def a_partner(shop: Shop) -> str:
    return str(shop.made("/v1/partners", {"name": "Dealhunt"})["id"])


def redeem(shop: Shop, code: str = "AUTUMN10") -> None:
    body = {
        "redeemables": [{"object": "voucher", "id": code}],
        "customer": {"source_id": uuid4().hex},
        "order": {"amount": 10_000},
    }
    shop.made("/v1/redemptions", body)


@every_look
def test_a_partner_finds_this_months_codes_and_what_was_earned(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    partner = a_partner(shop)
    deal(shop, partner)
    redeem(shop)
    base = sign_in("partner", partner)
    page.goto("/portal")

    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(page.locator("#deals")).to_contain_text("AUTUMN10")
    inspect(page)
    page.goto(f"{base}/codes")
    expect(page.locator("#codes [data-row]")).to_have_count(1)
    inspect(page)
    page.goto(f"{base}/links")
    expect(page.get_by_role("img", name="QR code of the link of Autumn")).to_be_visible()
    inspect(page)
    page.goto(f"{base}/earnings?period=last_7_days")  # a day may end meanwhile
    sales = page.locator("#sales [data-row]")
    for _ in range(120):  # until the reports know it
        if sales.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(sales).to_have_count(1)
    expect(page.locator(".uplot")).to_have_count(2)


@every_look
def test_somebody_whom_nothing_was_shared_with_is_told_so(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    base = sign_in("partner", a_partner(shop))
    page.goto(f"{base}/")

    expect(page.get_by_text("No live deal")).to_be_visible()
    inspect(page)
    for path, said in (
        ("codes", "No codes yet"),
        ("links", "No live deal"),
        ("earnings", "No sale in this period"),
    ):
        page.goto(f"{base}/{path}")
        expect(page.get_by_text(said)).to_be_visible()
        inspect(page)


@every_look
def test_a_feed_key_is_made_and_replaced(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    page.goto(sign_in("partner", a_partner(shop)) + "/account")
    inspect(page)

    page.get_by_role("button", name="Make a key").click()

    expect(page.get_by_text("This is the only time that the key is shown.")).to_be_visible()
    inspect(page)
    page.get_by_role("link", name="I have stored it").click()
    page.get_by_role("button", name="Revoke").first.click()
    dialog = page.get_by_role("dialog", name="Revoke the feed key?")
    expect(dialog).to_be_visible()
    inspect(page)
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Make another key").click()
    expect(page.get_by_text("This is the only time that the key is shown.")).to_be_visible()


def test_codes_are_found_while_one_types_and_copied_by_keyboard(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    partner = a_partner(shop)
    deal(shop, partner)
    deal(shop, partner, "Winter", "WINTER20")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    base = sign_in("partner", partner)
    page.goto(f"{base}/codes")
    rows = page.locator("#codes [data-row]")
    expect(rows).to_have_count(2)

    page.get_by_role("searchbox", name="Part of a code or deal").press_sequentially("winter")

    expect(rows).to_have_count(1)
    expect(page).to_have_url(f"{base}/codes?q=winter")
    page.get_by_role("button", name="Copy WINTER20").press("Enter")
    assert page.evaluate("navigator.clipboard.readText()") == "WINTER20"


@phone
def test_on_a_phone_a_deal_is_chosen_in_the_sheet(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    partner = a_partner(shop)
    deal(shop, partner)
    deal(shop, partner, "Winter", "WINTER20")
    page.goto(sign_in("partner", partner) + "/codes")

    page.get_by_role("button", name="Filters").click()
    page.locator("#filter-sheet summary").click()
    page.get_by_role("radio", name="Winter").check()

    expect(page.locator("#codes [data-row]")).to_have_count(1)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#filter-sheet")).to_be_hidden()
    expect(page.locator("#codes")).to_contain_text("WINTER20")


@both_widths
def test_a_partner_of_two_shops_goes_from_one_to_the_other(page: Page, shop: Shop) -> None:
    other, partner = shop.another(), a_partner(shop)
    deal(shop, partner)
    deal(other, theirs := a_partner(other), "Elsewhere", "ELSEWHERE5")
    email, password = shop.user("partner", partner)
    member = {"email": email, "role": "partner", "partner_id": theirs}
    path = f"/management/v1/projects/{other.id}/users"
    assert shop.http.post(path, json=member, headers=shop.management).is_success
    sign_in_as(page, email, password)
    page.goto(f"/portal/{shop.id}/")
    expect(page.locator("#deals")).to_contain_text("AUTUMN10")

    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()
    page.locator("[popovertarget=project-menu]").click()
    page.locator(f'#project-menu a[href="/portal/{other.id}/"]').click()

    expect(page.locator("#deals")).to_contain_text("ELSEWHERE5")
    expect(page.locator("#deals")).not_to_contain_text("AUTUMN10")
