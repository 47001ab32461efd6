"""Codes of one kind: a category is made, put elsewhere, given to a code, and deleted."""

from collections.abc import Callable

from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from playwright.sync_api import Locator, Page, expect


@both_widths
def test_a_category_is_made_changed_given_to_a_code_and_deleted(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/settings/categories/new")
    base = sign_in()
    page.goto(f"{base}/settings/stacking")
    page.get_by_role("main").get_by_role("link", name="Categories", exact=True).click()
    expect(page.get_by_text("No category yet")).to_be_visible()

    make_one(page)
    make_another(page)
    change(page)
    give_to_a_code(page, base)
    delete_what_is_in_use(page, base)
    expect(listed(page)).to_have_text(["Help desk"])


def make_one(page: Page) -> None:
    page.get_by_role("link", name="Another category").click()
    name, place = page.get_by_label("Name", exact=True), page.get_by_label("Place in the order")
    name.fill("Welcome")
    place.fill("first")
    page.get_by_role("button", name="Create category").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert").get_by_role("link", name="Place in the order")).to_be_visible()
    expect(place).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_value("Welcome")
    inspect(page)
    place.fill("7")
    page.get_by_role("button", name="Create category").click()
    expect(page.locator("#said-last")).to_contain_text("Welcome is created.")
    expect(listed(page)).to_have_text(["Welcome"])
    inspect(page)


def make_another(page: Page) -> None:
    """Not of the same name."""
    page.get_by_role("link", name="Another category").click()
    page.get_by_label("Name", exact=True).fill("Welcome")
    page.get_by_label("Place in the order").fill("3")
    page.get_by_role("button", name="Create category").click()
    expect(page.get_by_role("alert")).to_contain_text("with this name already")
    page.get_by_label("Name", exact=True).fill("Help desk")
    page.get_by_role("button", name="Create category").click()
    expect(listed(page)).to_have_text(["Help desk", "Welcome"])  # by their places


def change(page: Page) -> None:
    page.get_by_role("link", name="Welcome", exact=True).click()
    expect(page.get_by_label("Place in the order")).to_have_value("7")
    page.get_by_label("Name", exact=True).fill("Newcomers")
    page.get_by_label("Place in the order").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#said-last")).to_contain_text("Newcomers is saved.")
    expect(listed(page)).to_have_text(["Newcomers", "Help desk"])


def give_to_a_code(page: Page, base: str) -> None:
    page.goto(f"{base}/codes/new")
    page.get_by_label("Code (optional)").fill("HELLO")
    page.get_by_label("Percent off").fill("10")
    page.get_by_label("Category").fill("Newcomers")
    page.get_by_role("button", name="Create code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("HELLO")
    page.goto(f"{base}/settings/stacking")
    expect(page.get_by_label("Codes of Newcomers")).to_be_visible()


def delete_what_is_in_use(page: Page, base: str) -> None:
    """Not before nothing is in it any more."""
    delete(page, base)
    expect(page.locator("#said-last")).to_contain_text("It is still in use, so it was not deleted.")
    inspect(page)
    page.goto(f"{base}/codes/HELLO/edit")
    expect(page.get_by_label("Category")).to_have_value("Newcomers")
    page.get_by_label("Category").fill("Help desk")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("HELLO")
    delete(page, base)
    expect(page.locator("#said-last")).to_contain_text("Newcomers is deleted.")


def delete(page: Page, base: str) -> None:
    page.goto(f"{base}/settings/categories")
    page.get_by_role("link", name="Newcomers", exact=True).click()
    page.get_by_role("button", name="Delete", exact=True).click()
    dialog = page.get_by_role("dialog", name="Delete Newcomers?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Delete", exact=True).click()


def listed(page: Page) -> Locator:
    return page.locator("#categories [data-row] a.main")
