"""The main jobs by keyboard alone: no test here touches a mouse."""

import re
from collections.abc import Callable

from kit import deals
from kit.people import Shop
from playwright.sync_api import Page, expect


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tabs_to(page: Page, name: str, most: int) -> None:
    """Press Tab until what has the focus bears a name; it must not take more than so many."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => document.activeElement.getAttribute('aria-label')"
            " || document.activeElement.innerText"
        )
        if re.fullmatch(name, said.strip()):
            return
    raise AssertionError(f"{name} is further than {most} tab stops away; at {said!r}")


def test_from_signing_in_to_a_deal_that_is_off(page: Page, shop: Shop) -> None:
    deals.campaign(shop, "AUTUMN10")
    partner = deals.partner(shop, "Other")
    deals.campaign(shop, "WINTER10", name="Winter", partner_id=partner["id"])
    email, password = shop.user("editor")
    rows = page.locator("[data-row]")

    page.goto("/signin")
    page.get_by_label("E-mail").press("End")  # it has the focus by itself, or is one press away
    page.keyboard.type(email)
    press(page, "Tab")
    page.keyboard.type(password)
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")

    press(page, "g", "c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Campaigns")
    expect(rows).to_have_count(2)
    press(page, "/")
    expect(page.get_by_role("searchbox", name="Search by name")).to_be_focused()
    page.keyboard.type("Aut")
    expect(rows).to_have_count(1)
    press(page, "Control+a", "Delete")
    expect(rows).to_have_count(2)
    press(page, "Tab", "j")
    expect(rows.nth(0).locator("a").first).to_be_focused()
    press(page, "j")
    expect(rows.nth(1).locator("a").first).to_be_focused()
    press(page, "k", "j")
    expect(rows.nth(1).locator("a").first).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Autumn")

    page.locator("#heading").focus()
    tabs_to(page, "Disable", 3)
    press(page, "Enter")
    expect(page.locator("#said-last")).to_contain_text("Disabled.")
    assert deals.redeem(shop, "AUTUMN10") == 400
    assert deals.redeem(shop, "WINTER10") == 200


def test_menus_and_dialogs_open_close_and_give_the_focus_back(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, "AUTUMN10")
    page.goto(f"{sign_in('editor')}/campaigns/{made['id']}")
    more = page.get_by_role("main").get_by_role("button", name="More", exact=True)
    menu = page.locator("#campaign-more")

    more.focus()
    press(page, "ArrowDown")
    expect(menu.get_by_role("link", name="Copy")).to_be_focused()
    press(page, "ArrowDown")
    expect(menu.get_by_role("button", name="Put into the bin")).to_be_focused()
    press(page, "Escape")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()

    share = page.get_by_role("main").get_by_role("button", name="Share", exact=True)
    share.focus()
    press(page, "Enter")
    dialog = page.get_by_role("dialog", name=re.compile("^Share codes"))
    expect(dialog).to_be_visible()
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    expect(share).to_be_focused()

    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    press(page, "Escape")
    press(page, "e")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit Autumn")


def test_codes_are_selected_and_disabled_by_keys(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    deals.campaign(shop, "AUTUMN-1", "AUTUMN-2")
    page.goto(f"{sign_in('editor')}/codes?sort=code")

    press(page, "j", "x", "j", "x")
    bar = page.get_by_role("group", name="With what is selected")
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Disable").focus()
    press(page, "Enter")
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    press(page, "Tab", "Enter")
    expect(page.get_by_role("main")).to_contain_text("2 of 2", timeout=20_000)
    assert deals.redeem(shop, "AUTUMN-1") == 400


def test_letters_can_be_turned_off(page: Page, sign_in: Callable[..., str]) -> None:
    base = sign_in()
    page.goto("/account")
    page.get_by_label("Single letters are commands").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto(f"{base}/partners")
    press(page, "g", "c", "c", "?")

    expect(page.get_by_role("heading", level=1)).to_have_text("Partners")
    expect(page.get_by_role("dialog")).to_have_count(0)
