"""Everything by keyboard alone: no mouse is touched here."""

import re
from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.keyboard import press, tab_to
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Locator, Page, expect

A_FEW = 3


def to_section(page: Page, name: str) -> None:
    """Go to a section: on a phone its link is behind the menu, which takes the focus in."""
    menu = page.get_by_role("button", name="Menu")
    if menu.is_visible():
        press(page, menu)
    press(page, page.get_by_role("navigation", name="Pages").get_by_role("link", name=name))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def escape_from(page: Page, opened: Locator, opener: Locator) -> None:
    """Leave what has opened: it is gone, and the focus is where it was."""
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(opener).to_be_focused()


@both_widths
def test_a_misused_deal_is_found_stopped_and_started_again(page: Page, shop: Shop) -> None:
    made = deals.campaign(shop, "AUTUMN10")
    deals.campaign(shop, "WINTER10", name="Winter", partner_id=made["partner_id"])
    email, password = shop.user("editor")
    main = page.get_by_role("main")

    page.goto("/signin")
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type(email)
    tab_to(page, page.get_by_label("Password"), most=1)
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()

    tab_to(page, page.get_by_role("link", name="Skip to content"), most=1)
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.reload()
    to_section(page, "Campaigns")
    tab_to(page, page.locator("#search-list"))
    page.keyboard.type("Autu")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("#search-list")).to_be_focused()
    press(page, main.get_by_role("link", name="Autumn", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Autumn")

    more = main.get_by_role("button", name="More", exact=True)
    menu = page.locator("[data-menu]:popover-open")
    press(page, more)
    expect(menu.locator(".menu-item").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(menu.locator(".menu-item").nth(1)).to_be_focused()
    inspect(page)
    escape_from(page, menu, more)

    press(page, main.get_by_role("button", name="Disable", exact=True), back=True)
    undo = page.locator("#said-last").get_by_role("button", name="Undo")
    expect(page.locator("#said-last")).to_contain_text("Disabled.")
    assert deals.redeem(shop, "AUTUMN10") == 400
    assert tab_to(page, undo, most=A_FEW) == 1
    page.keyboard.press("Enter")
    expect(page.locator("#said-last")).to_contain_text("Enabled.")
    assert deals.redeem(shop, "AUTUMN10") == 200


@both_widths
def test_what_the_keys_do_is_told_in_a_dialog_and_the_focus_comes_back(
    page: Page, sign_in: Callable[..., str]
) -> None:
    page.goto(f"{sign_in('viewer')}/campaigns")
    account = page.locator("[popovertarget=account-menu]")
    if is_phone := page.get_by_role("button", name="Menu").is_visible():
        press(page, page.get_by_role("button", name="Menu"))
    press(page, account)
    press(page, page.get_by_role("button", name="Keyboard"))
    keys = page.get_by_role("dialog", name="Keyboard")
    expect(keys).to_be_visible()
    assert keys.evaluate("dialog => dialog.contains(document.activeElement)")
    inspect(page)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(page.get_by_role("button", name="Menu") if is_phone else account).to_be_focused()


@both_widths
def test_a_campaign_is_made_and_codes_are_filtered_and_chosen(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    deals.campaign(shop, "AUT-01", "AUT-02")
    page.goto(f"{sign_in('editor')}/")
    main = page.get_by_role("main")

    to_section(page, "Campaigns")
    press(page, main.get_by_role("link", name="New campaign"))
    expect(page.get_by_role("heading", name="New campaign", level=1)).to_be_visible()
    tab_to(page, page.get_by_label("Name", exact=True))
    page.keyboard.type("Winter")
    tab_to(page, page.get_by_label("Percent off"))
    page.keyboard.type("15")
    tab_to(page, page.locator("input[name=codes]:checked"))
    while not page.get_by_label("None yet").is_checked():
        page.keyboard.press("ArrowDown")
    inspect(page)
    press(page, page.get_by_role("button", name="Create campaign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter")

    to_section(page, "Codes")
    rows = page.locator("#codes [data-row]")
    expect(rows).to_have_count(2)
    sheet = page.locator("#filter-open")
    if sheet.is_visible():
        press(page, sheet)
    discount = page.locator("summary").filter(has_text=re.compile("^Discount"))
    press(page, discount)
    fixed = page.get_by_role("checkbox", name="Fixed amount")
    press(page, fixed, "Space")
    expect(fixed).to_be_checked()
    expect(page).to_have_url(re.compile("type=AMOUNT"))
    escape_from(page, fixed, discount)
    if sheet.is_visible():
        escape_from(page, page.locator("#filter-sheet"), sheet)
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    inspect(page)
    press(page, page.get_by_role("group", name="Applied filters").get_by_role("link"))
    expect(rows).to_have_count(2)

    press(page, page.get_by_role("checkbox", name="Select AUT-01"), "Space")
    bar = page.get_by_role("group", name="With what is selected")
    expect(bar).to_contain_text("1 selected")
    press(page, bar.get_by_role("button", name="Disable"), back=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Disable 1 code?")
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    press(page, page.get_by_role("button", name="Disable 1 code"))
    expect(main).to_contain_text("Done 1 of 1")
    press(page, main.get_by_role("button", name="Undo"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Undo for 1 code")
    expect(main).to_contain_text("Done 1 of 1")


@both_widths
def test_what_is_for_ever_is_confirmed_in_a_dialog_that_keeps_the_focus(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    email, _ = shop.user("viewer")
    page.goto(f"{sign_in()}/settings/users")
    row = page.locator("#users [data-row]").filter(has_text=email)
    remove = row.get_by_role("button", name="Remove")
    dialog = page.get_by_role("dialog", name=f"Remove {email}?")

    press(page, remove)
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        within = "dialog => dialog.contains(document.activeElement)"
        at_page = page.evaluate("document.activeElement === document.body")
        assert at_page or dialog.evaluate(within)
    escape_from(page, dialog, remove)

    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    tab_to(page, dialog.get_by_label(f"Type {email} to confirm"), back=True, most=A_FEW)
    page.keyboard.type(email)
    page.keyboard.press("Enter")
    expect(page.locator("#said-last")).to_contain_text("is no longer in this project")
    expect(row).to_have_count(0)
