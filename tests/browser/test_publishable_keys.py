"""A key that everybody can read in a shop's pages says whose pages those are."""

from collections.abc import Callable

from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from kit.people import Shop
from playwright.sync_api import Page, expect


@both_widths
def test_a_publishable_key_is_of_the_pages_that_are_named_and_revoked(
    page: Page, shop: Shop, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/settings/keys/new")
    base = sign_in()
    page.goto(f"{base}/settings/keys/new")
    tab = page.get_by_role("main").get_by_role("link", name="Keys", exact=True)
    expect(tab).to_be_in_viewport(ratio=0.9)  # of more tabs than a phone has room for
    places, create = (
        page.get_by_label("Pages that may use it"),
        page.get_by_role("button", name="New key"),
    )
    alert = page.get_by_role("alert")
    page.get_by_label("Name").fill("Web shop")
    page.get_by_role("checkbox", name="Validate codes from pages").check()

    create.click()
    expect(alert).to_be_focused()
    expect(
        alert.get_by_role("link", name="Pages that may use it: A publishable key")
    ).to_be_visible()
    expect(places).to_have_attribute("aria-invalid", "true")
    places.fill("https://shop.example\nhttps://shop.example/checkout")
    create.click()
    wrong = alert.get_by_role(
        "link", name="Pages that may use it: https://shop.example/checkout is no"
    )
    expect(wrong).to_be_visible()
    expect(places).to_have_value("https://shop.example\nhttps://shop.example/checkout")
    inspect(page)
    wrong.click()
    expect(places).to_be_focused()
    # What is taken away from the pages may have none, and the other way round.
    page.get_by_role("checkbox", name="Validate codes from pages").uncheck()
    page.get_by_role("checkbox", name="Read reports").check()
    places.fill("https://shop.example")
    create.click()
    expect(places).to_have_attribute("aria-invalid", "true")
    page.get_by_role("checkbox", name="Read reports").uncheck()
    page.get_by_role("checkbox", name="Validate codes from pages").check()
    places.fill("https://Shop.example/\n\nhttps://m.shop.example:8443\nhttps://shop.example")
    create.click()
    expect(page.get_by_text("This is the only time that the token is shown.")).to_be_visible()
    page.get_by_role("link", name="I have stored it").click()

    row = page.locator("#keys [data-row]").filter(has_text="Web shop")
    cell = row.locator("td[data-label='Pages that may use it'] code")
    expect(cell).to_have_text(["https://shop.example", "https://m.shop.example:8443"])
    more = row.locator("summary")
    if more.is_visible():  # on a phone
        more.click()
    expect(cell.first).to_be_visible()
    inspect(page)
    row.get_by_role("button", name="Revoke").click()
    dialog = page.get_by_role("dialog", name="Revoke Web shop?")
    dialog.get_by_label("Type Web shop to confirm").fill("Web shop")
    dialog.get_by_role("button", name="Revoke Web shop for ever").click()
    expect(row).to_contain_text("Revoked")
    [key] = [
        each
        for each in shop.http.get("/v1/keys", headers=shop.keys).json()["keys"]
        if each["name"] == "Web shop"
    ]
    assert key["origins"] == ["https://shop.example", "https://m.shop.example:8443"]
    assert key["revoked_at"]
