"""Who may redeem what, by menus: a segment, a rule that asks about it, a campaign that keeps it."""

from collections.abc import Callable

from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from playwright.sync_api import Page, expect


@both_widths
def test_a_segment_is_put_together_from_menus(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    base = sign_in("editor")
    faults.expect(422, "/segments/new")
    page.goto(f"{base}/segments")
    page.get_by_role("main").get_by_role("link", name="New segment").first.click()
    page.get_by_label("Name", exact=True).fill("Asleep")
    page.get_by_role("button", name="New segment").click()
    expect(page.get_by_role("link", name="one condition at least")).to_be_visible()
    first, second = (page.get_by_role("group", name=f"Condition {n}") for n in (1, 2))

    first.get_by_label("What is asked about").select_option(label="Last paid order")
    first.get_by_label("With what").fill("60")
    second.get_by_label("What is asked about").select_option(label="Metadata")
    second.get_by_label("Name in the metadata").fill("tier")
    second.get_by_label("How it is compared").select_option(label="is known")
    expect(second.get_by_label("With what")).to_have_count(0)
    second.get_by_label("How it is compared").select_option(label="is")
    second.get_by_label("With what").fill("gold\nsilver")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("The last paid order is more than 60 days ago and")
    expect(preview).to_contain_text("the customer's “tier” is gold or silver")
    expect(first.get_by_label("With what")).to_have_value("60")
    inspect(page)
    page.get_by_role("button", name="New segment").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Asleep")
    expect(page.get_by_role("main")).to_contain_text("judged when it matters")
    inspect(page)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("main")).to_contain_text("Asleep is deleted")
    inspect(page)
