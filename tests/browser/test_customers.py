"""A customer's page: what is known is handed out, and the person goes; the figures stay."""

import json
from collections.abc import Callable
from pathlib import Path

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

ANN = {
    "source_id": "shopper-7",
    "name": "Ann Alm",
    "email": "ann@shop.example",
    "metadata": {"tier": "gold"},
}


@both_widths
def test_all_of_a_person_is_exported_the_person_erased_and_the_figures_stay(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    deals.campaign(shop, "AUTUMN10")
    redemption = {
        "redeemables": [{"object": "voucher", "id": "AUTUMN10"}],
        "order": {"source_id": "order-1", "amount": 5000},
        "customer": ANN,
    }
    shop.made("/v1/redemptions", redemption)
    items = [{"product_id": "shoe", "quantity": 2, "amount": 8000}]
    shop.made(
        "/v1/orders", {"source_id": "order-2", "status": "PAID", "items": items, "customer": ANN}
    )
    shop.made("/v1/segments", {"name": "Press", "type": "static", "customers": ["shopper-7"]})
    base = sign_in()
    main, said = page.get_by_role("main"), page.locator("#said-last")
    heading = page.get_by_role("heading", level=1)

    page.goto(f"{base}/customers")
    search = page.get_by_role("searchbox", name="Find a customer by id, e-mail or name")
    search.fill("Ann Alm")
    expect(page.get_by_role("group", name="Applied filters")).to_contain_text("Ann Alm")
    found = page.get_by_role("link", name="Ann Alm", exact=True)
    page.goto(str(found.get_attribute("href")))
    expect(heading).to_have_text("Ann Alm")
    for known in ("ann@shop.example", "gold", "80.00 EUR", "Press"):
        expect(main).to_contain_text(known)
    expect(page.get_by_role("link", name="order-2")).to_be_visible()
    inspect(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export all of it").click()
    told = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert told["customer"]["email"] == "ann@shop.example"
    assert {each["id"] for each in told["orders"]} == {"order-1", "order-2"}
    assert len(told["redemptions"]) == 1

    here = page.url
    page.get_by_role("button", name="Erase this person…").click()
    dialog = page.get_by_role("dialog", name="Erase Ann Alm?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    erase = dialog.get_by_role("button", name="Erase this person…")
    inspect(page)
    typed = dialog.get_by_label("Type Ann Alm to confirm")
    typed.fill("Ann")
    erase.click()
    expect(typed).to_be_focused()  # the browser says there that it is something else
    typed.fill("Ann Alm")
    erase.click()
    expect(said).to_contain_text("The person was erased. Figures stay as they were.")
    expect(page.locator("#customers [data-row]")).to_have_count(1)
    expect(page.locator("#customers [data-row]")).not_to_contain_text("Ann")
    page.goto(here)
    for gone in ("Ann Alm", "ann@shop.example", "gold", "shopper-7"):
        expect(page.locator("body")).not_to_contain_text(gone)
    expect(main).to_contain_text("80.00 EUR")
    expect(page.locator("#attempts [data-row]")).to_have_count(1)
    inspect(page)
    page.goto(f"{base}/orders")
    expect(page.locator("#orders [data-row]")).to_have_count(2)
    expect(main).not_to_contain_text("Ann Alm")
