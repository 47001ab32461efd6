"""The first page that somebody sees."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from kit.chromium import every_look
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

ENOUGH_MS = 60_000  # a redemption reaches the reports within a second or two


def campaign(shop: Shop, **overrides: Any) -> dict[str, Any]:
    """Make a partner and a campaign of theirs with one code, AUTUMN10."""
    partner = shop.made("/v1/partners", {"name": "Dealhunt"})
    body = {
        "name": "Autumn",
        "partner_id": partner["id"],
        "channel": "newsletter",
        "margin_basis_points": 4000,
        "voucher": {
            "type": "DISCOUNT_VOUCHER",
            "discount": {"type": "PERCENT", "percent_off": 10},
        },
    }
    made = shop.made("/v1/campaigns", body | overrides)
    shop.made(f"/v1/campaigns/{made['id']}/vouchers/AUTUMN10", {})
    return made


def redeem(shop: Shop, code: str = "AUTUMN10", amount: int = 5000) -> int:
    body = {
        "redeemables": [{"object": "voucher", "id": code}],
        "customer": {"source_id": uuid4().hex},
        "order": {"amount": amount},
    }
    return shop.http.post("/v1/redemptions", json=body, headers=shop.keys).status_code


@every_look
def test_a_new_project_says_where_to_begin(page: Page, sign_in: Callable[..., str]) -> None:
    page.goto(f"{sign_in()}/")

    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    expect(page.get_by_text("No campaigns yet")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="New campaign").first).to_be_visible()


@every_look
def test_what_was_earned_is_there_and_leads_on(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    campaign(shop)
    assert [redeem(shop), redeem(shop)] == [200, 200]
    assert redeem(shop, "NOBODYS") == 404
    base = sign_in()
    recent, figures = page.locator("#attempts [data-row]"), page.locator("#figures")

    page.goto(f"{base}/?period=last_7_days")  # a day may end meanwhile
    for _ in range(120):  # until the reports know it
        if recent.count() == 3 and figures.get_by_text("100.00").count():
            break
        page.wait_for_timeout(500)
        page.reload()

    expect(recent).to_have_count(3)
    expect(figures).to_contain_text("100.00")  # gross: what was ordered before the discount
    expect(page.locator("#figures .uplot")).to_have_count(2)
    expect(page.locator("#partners").get_by_role("row", name="Dealhunt")).to_contain_text("2")
    inspect(page)


def test_a_new_attempt_appears_by_itself(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    campaign(shop)
    page.goto(f"{sign_in()}/")
    expect(page.get_by_text("Nobody has tried a code yet.")).to_be_visible()

    redeem(shop)

    expect(page.locator("#attempts [data-row]")).to_have_count(1, timeout=ENOUGH_MS)


def test_somebody_who_reads_a_row_is_not_disturbed(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    campaign(shop)
    redeem(shop)
    page.goto(f"{sign_in()}/")
    rows = page.locator("#attempts [data-row]")
    expect(rows).to_have_count(1, timeout=ENOUGH_MS)
    rows.first.get_by_role("link").first.focus()

    redeem(shop)

    new = page.get_by_role("button", name="1 new")
    expect(new).to_be_visible(timeout=ENOUGH_MS)
    expect(rows).to_have_count(1)
    expect(rows.first.get_by_role("link").first).to_be_focused()
    new.click()
    expect(rows).to_have_count(2)


@pytest.mark.parametrize("name", ["g c", "g p"])
def test_letters_lead_to_the_sections(page: Page, sign_in: Callable[..., str], name: str) -> None:
    page.goto(f"{sign_in()}/")

    for key in name.split():
        page.keyboard.press(key)

    page.wait_for_url({"g c": "**/campaigns", "g p": "**/partners"}[name])
