"""A session ends in the middle of things: elsewhere, by another password, in another tab."""

import re
from collections.abc import Callable

from kit.chromium import both_widths
from kit.console_people import sign_in_as
from kit.page_faults import Faults, inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

SIGN_IN = re.compile(r"/signin(\?|$)")


def sign_out(page: Page) -> None:
    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()
    page.locator("[popovertarget=account-menu]").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def enter(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@both_widths
def test_a_session_that_ends_in_the_middle_of_a_form_keeps_what_was_typed(
    page: Page, shop: Shop, faults: Faults
) -> None:
    for status in (401, 422):  # asked who it is; shown as it was typed, and not sent
        faults.expect(status, "/campaigns/new")
    faults.expect(401, "/campaigns/preview")
    email, password = shop.user("editor")
    base = f"/p/{shop.id}"
    sign_in_as(page, email, password)
    page.goto(f"{base}/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Winter & \N{SNOWFLAKE}")
    page.get_by_label("Percent off").fill("15")
    page.get_by_label("First day").fill("2027-01-10")
    page.get_by_label("None yet").check()
    other_tab = page.context.new_page()
    other_tab.goto(f"{base}/campaigns")
    sign_out(other_tab)
    inspect(other_tab)

    with page.expect_response(lambda response: response.status == 401):  # of the preview
        page.get_by_label("Description").fill("Two lines\nof text")
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    inspect(page)
    enter(page, email, "not the password")
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is not right")
    enter(page, email, password)

    expect(page.get_by_text("You are signed in again. Nothing has been sent yet")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Winter & \N{SNOWFLAKE}")
    expect(page.get_by_label("Percent off")).to_have_value("15")
    expect(page.get_by_label("First day")).to_have_value("2027-01-10")
    expect(page.get_by_label("Description")).to_have_value("Two lines\nof text")
    expect(page.get_by_label("None yet")).to_be_checked()
    inspect(page)
    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter & \N{SNOWFLAKE}")

    other_tab.goto(f"{base}/campaigns?status=all")
    expect(other_tab.locator("[data-row]")).to_have_count(1)
    sign_out(other_tab)
    page.goto(f"{base}/campaigns?status=all")
    expect(page).to_have_url(SIGN_IN)
    enter(page, email, password)
    expect(page).to_have_url(f"{base}/campaigns?status=all")


@both_widths
def test_one_sets_ones_own_account_and_ends_what_is_open_elsewhere(
    page: Page, shop: Shop, elsewhere: Callable[[], Page], faults: Faults
) -> None:
    faults.expect(422, "/account")
    faults.expect(422, "/signin")
    email, password = shop.user("viewer")
    for tab in (page, other := elsewhere()):
        sign_in_as(tab, email, password)
    page.goto("/account")
    sessions = page.locator("#sessions [data-row]")
    expect(sessions).to_have_count(2)
    expect(sessions.filter(has_text="This browser")).to_have_count(1)
    inspect(page)

    page.get_by_label("Name", exact=True).fill("Ann")
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    inspect(page)

    sessions.filter(has_not_text="This browser").get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Signed out there.")).to_be_visible()
    expect(sessions).to_have_count(1)
    other.goto("/account")
    expect(other).to_have_url(SIGN_IN)
    sign_in_as(other, email, password)

    page.get_by_label("Password now").fill("not the password")
    page.get_by_label("New password").fill("a new password of mine")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_label("Password now")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_be_focused()
    inspect(page)
    page.get_by_label("Password now").fill(password)
    page.get_by_label("New password").fill("a new password of mine")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("You are signed out everywhere else.")).to_be_visible()
    other.goto("/account")
    expect(other).to_have_url(SIGN_IN)
    enter(other, email, password)
    expect(other.get_by_role("alert")).to_contain_text("E-mail or password is not right")
    sign_in_as(other, email, "a new password of mine")
