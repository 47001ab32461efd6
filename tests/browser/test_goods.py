"""Products under one name: listed, collected, asked for by a rule that a code alone keeps."""

from collections.abc import Callable

from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from playwright.sync_api import Page, expect


@both_widths
def test_a_collection_is_made_and_a_code_is_for_baskets_with_it(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    base = sign_in()
    faults.expect(422, "/collections/new")
    page.goto(f"{base}/products")
    page.get_by_role("main").get_by_role("link", name="New product").first.click()
    page.get_by_label("Name", exact=False).first.fill("Red shoe")
    page.get_by_label("Id in orders").fill("shoe")
    page.get_by_role("button", name="Create product").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Red shoe")

    page.goto(f"{base}/collections/new")
    page.get_by_label("Name", exact=True).fill("Shoes")
    page.get_by_label("Products").fill("shoe\nboot")
    page.get_by_role("button", name="Create collection").click()
    expect(page.get_by_role("link", name="There is no boot")).to_be_visible()
    inspect(page)
    page.get_by_label("Products").fill("shoe")
    page.get_by_role("button", name="Create collection").click()
    expect(page.get_by_role("link", name="Red shoe")).to_be_visible()

    page.goto(f"{base}/rules/new")
    page.get_by_label("Name", exact=True).fill("Shoes alone")
    first = page.get_by_role("group", name="Condition 1", exact=True)
    first.get_by_label("What is asked about").first.select_option(label="Items: at least one")
    first.get_by_label("in the collection Shoes").check()
    expect(page.locator("#preview")).to_contain_text("is in the collection Shoes")
    page.get_by_role("button", name="New rule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shoes alone")

    page.goto(f"{base}/codes/new")
    page.get_by_label("Code (optional)").fill("ALONE")
    page.get_by_label("Percent off").fill("10")
    page.get_by_label("Rule 1").select_option(label="Shoes alone")
    page.get_by_role("button", name="Create code").click()
    expect(page.get_by_role("main")).to_contain_text("Shoes alone: At least one item is in")
    inspect(page)
    page.get_by_role("link", name="Shoes alone").click()
    expect(page.get_by_role("link", name="ALONE")).to_be_visible()
