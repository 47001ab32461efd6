"""A code is given to a customer, found by whom it was given, and it is forgotten who that was."""

import re
from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect


@both_widths
def test_a_code_is_given_to_a_customer_who_is_found_and_forgotten(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    deals.campaign(shop, "ANNS", "BOBS", name="Autumn", activity_duration_after_publishing="P30D")
    wish = {"voucher": "BOBS", "customer": {"source_id": "bob"}, "source_id": "mailing-to-bob"}
    shop.made("/v1/publications", wish)
    base = sign_in()
    main, said = page.get_by_role("main"), page.locator("#said-last")
    rows = page.locator("#publications [data-row]")

    page.goto(f"{base}/codes/ANNS")
    page.get_by_role("button", name="Give to a customer").click()
    dialog = page.get_by_role("dialog", name="Give ANNS to a customer")
    inspect(page)
    dialog.get_by_label("Your own id of the customer").fill("ann")
    dialog.get_by_role("button", name="Give to a customer").click()
    expect(said).to_contain_text("ANNS is given to ann.")
    expect(page.get_by_role("button", name="Give to a customer")).to_have_count(0)
    inspect(page)
    main.get_by_role("link", name=re.compile("^cust_")).click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("ANNS")
    inspect(page)

    page.goto(f"{base}/publications")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("button", name="Forget this customer…")).to_have_count(0)
    inspect(page)
    page.goto(f"{base}/publications?customer=bob")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("mailing-to-bob")
    page.get_by_role("button", name="Forget this customer…").click()
    forget = page.get_by_role("dialog", name="Forget who was given these codes?")
    expect(forget.get_by_role("button", name="Cancel")).to_be_focused()
    sure = forget.get_by_role("button", name="Forget this customer…")
    inspect(page)
    typed = forget.get_by_role("textbox")
    typed.fill("bob")
    sure.click()
    expect(typed).to_be_focused()  # the browser says there that it is something else
    typed.fill(str(typed.get_attribute("data-exactly")))
    sure.click()
    expect(said).to_contain_text("It is forgotten who was given these codes.")
    page.goto(f"{base}/publications?voucher=BOBS")
    expect(rows).to_contain_text("BOBS")  # the code stays theirs
    expect(main).not_to_contain_text("mailing-to-bob")
    page.goto(f"{base}/codes/BOBS")
    expect(main.get_by_role("link", name=re.compile("^cust_"))).to_be_visible()
