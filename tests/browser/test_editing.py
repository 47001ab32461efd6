"""What was typed is never lost, is done once, and stays text."""

import re
from collections.abc import Callable

import pytest
from kit import deals
from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from kit.people import Shop
from playwright.sync_api import Dialog, Page, expect


def fill(page: Page, name: str = "Winter") -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Percent off").fill("15")
    page.get_by_label("None yet").check()


@both_widths
def test_of_two_who_edit_the_second_sees_theirs_and_keeps_yours(
    page: Page, shop: Shop, sign_in: Callable[..., str], faults: Faults
) -> None:
    made = deals.campaign(shop, description="As it was")
    faults.expect(409, "/edit")
    page.goto(f"{sign_in('editor')}/campaigns/{made['id']}/edit")
    page.get_by_label("Description").fill("What I wrote")
    theirs = {"description": "What they wrote", "name": "Autumn of theirs"}
    path = f"/v1/campaigns/{made['id']}"
    assert shop.http.put(path, json=theirs, headers=shop.keys).is_success

    page.get_by_role("button", name="Save changes").click()

    expect(page.get_by_text("Somebody else saved this")).to_be_visible()
    differing = page.get_by_role("region", name="What differs").get_by_role("row")
    described = differing.filter(has_text="What they wrote")
    expect(described).to_contain_text("As it was")
    expect(described).to_contain_text("What I wrote")
    expect(page.get_by_label("Description")).to_have_value("What I wrote")
    inspect(page)
    page.get_by_label("Name", exact=True).fill("Autumn of theirs")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Autumn of theirs has been saved.")).to_be_visible()
    assert shop.http.get(path, headers=shop.keys).json()["description"] == "What I wrote"


def test_a_stale_form_is_shown_again_and_not_sent(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/campaigns/new")
    base = sign_in("editor")
    page.goto(f"{base}/campaigns/new")
    fill(page)
    second = page.get_by_role("group", name="Limit 2")  # the first row stays empty
    second.get_by_label("How many or how much").fill("2")
    page.get_by_text("Only at certain times").click()
    page.get_by_role("group", name="Days of the week").get_by_label("Fri").check()
    page.evaluate(
        "document.querySelectorAll('#campaign-form [name=csrf]')"
        ".forEach((field) => { field.value = 'of-an-older-session'; })"
    )

    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_text("This form was opened in an older session")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Winter")

    first = page.get_by_role("group", name="Limit 1")
    expect(first.get_by_label("How many or how much")).to_have_value("2")

    page.get_by_role("button", name="Create campaign").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter")
    expect(page.get_by_text("At most 2 redemptions per customer and month")).to_be_visible()
    expect(page.get_by_text("Fridays, Europe/Berlin")).to_be_visible()
    page.goto(f"{base}/campaigns?status=all")
    expect(page.locator("[data-row]")).to_have_count(1)


def test_a_button_of_an_older_session_does_nothing_and_says_so(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, "AUTUMN10")
    page.goto(f"{sign_in('editor')}/campaigns/{made['id']}")
    page.evaluate(
        "document.querySelectorAll('main [name=csrf]')"
        ".forEach((field) => { field.value = 'of-an-older-session'; })"
    )
    disable = page.get_by_role("main").get_by_role("button", name="Disable", exact=True)

    disable.click()
    expect(page.locator("#said-last")).to_contain_text("nothing was done. Press it again.")
    assert deals.redeem(shop, "AUTUMN10") == 200

    disable.click()
    expect(page.locator("#said-last")).to_contain_text("Disabled.")


def test_a_double_click_makes_one_campaign(page: Page, sign_in: Callable[..., str]) -> None:
    base = sign_in("editor")
    page.goto(f"{base}/campaigns/new")
    fill(page)

    page.get_by_role("button", name="Create campaign").dblclick()

    expect(page.get_by_role("heading", level=1)).to_have_text("Winter")
    page.goto(f"{base}/campaigns?status=all")
    expect(page.locator("[data-row]")).to_have_count(1)


@pytest.mark.parametrize("field", ["Deal page", "Landing page"])
def test_a_link_that_is_script_is_refused_at_its_field(
    page: Page, sign_in: Callable[..., str], faults: Faults, field: str
) -> None:
    faults.expect(422, "/campaigns/new")
    page.goto(f"{sign_in('editor')}/campaigns/new")
    fill(page)
    page.get_by_label(field).fill("javascript:alert(1)")

    page.get_by_role("button", name="Create campaign").click()

    expect(page.get_by_label(field)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label(field)).to_have_value("javascript:alert(1)")
    expect(page.get_by_role("alert")).to_be_focused()


def test_reversed_dates_are_refused_at_the_field(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/campaigns/new")
    page.goto(f"{sign_in('editor')}/campaigns/new")
    fill(page)
    page.get_by_label("First day").fill("2027-02-01")
    page.get_by_label("Last day").fill("2027-01-01")

    page.get_by_role("button", name="Create campaign").click()

    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(page.get_by_label("Last day")).to_have_attribute("aria-invalid", "true")
    alert.get_by_role("link").first.click()
    expect(page.get_by_label("Last day")).to_be_focused()
    inspect(page)


def test_who_leaves_a_form_that_is_not_saved_is_asked(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop)
    page.goto(f"{sign_in('editor')}/campaigns/{made['id']}/edit")
    page.get_by_label("Name", exact=True).fill("Half typed")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)

    page.get_by_role("link", name="Cancel").click(no_wait_after=True)

    expect(page.get_by_label("Name", exact=True)).to_have_value("Half typed")
    assert asked == ["beforeunload"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(re.compile(f"/campaigns/{made['id']}$"))
