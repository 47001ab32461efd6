"""What people type stays text on every page that shows it, and never becomes script."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from kit import deals
from kit.page_faults import Faults, measure
from kit.people import Shop
from playwright.sync_api import Dialog, Page, expect

SCRIPT: Final = "<script>alert(1)</script>"
IMAGE: Final = '"><img src=x onerror=alert(2)>'
BOTH: Final = f"{SCRIPT}{IMAGE}'{{{{7*7}}}}</textarea></title>"


def test_script_in_every_text_is_shown_and_never_run(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    partner = deals.partner(
        shop, BOTH, contact=BOTH, contract_notes=BOTH, deal_url=f"https://x.example/?{quote(BOTH)}"
    )["id"]
    category = shop.made("/v1/categories", {"name": f"c{BOTH}", "hierarchy": 1})["id"]
    made = deals.campaign(
        shop,
        partner_id=partner,
        name=BOTH,
        description=BOTH,
        contract_notes=BOTH,
        channel=f"ch{BOTH}"[:60],
        category_id=category,
        metadata={SCRIPT: IMAGE},
        expiration_date="2026-10-31T23:00:00Z",
    )
    code = {"metadata": {IMAGE: SCRIPT}}
    shop.made(f"/v1/campaigns/{made['id']}/vouchers/HOSTILE", code)
    share = {"kind": "codes", "codes": ["HOSTILE"], "name": BOTH}
    shop.made(f"/v1/campaigns/{made['id']}/shares", share)
    shop.http.put(f"/v1/campaigns/{made['id']}", json={"description": SCRIPT}, headers=shop.keys)
    _, refused = deals.redemption(shop, "HOSTILE")
    _, unknown = deals.redemption(shop, SCRIPT)
    base = sign_in()
    asked: list[str] = []

    def noted(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", noted)
    campaign, owner = f"/campaigns/{made['id']}", f"/partners/{partner}"
    for path in (
        *("/campaigns?status=all", "/codes?status=all", campaign, f"{campaign}/edit"),
        *(f"{campaign}/history", f"/campaigns/new?copy={made['id']}", "/codes/HOSTILE"),
        *("/codes/HOSTILE/edit", f"/redemptions/{refused['resource_id']}"),
        *(f"/redemptions/{unknown['resource_id']}", "/redemptions", "/failures", "/"),
        *(f"/failures?campaign={made['id']}", f"/failures?partner={partner}"),
        *("/partners", owner, f"{owner}/edit", f"{owner}/history", f"{owner}/shares"),
        *(f"{owner}/shares/new", f"{owner}/links", f"{owner}/feed-key", "/settings/audit"),
        *(f"/codes?status=all&q={quote(IMAGE)}", f"/campaigns?status=all&q={quote(BOTH)}"),
        f"/search?q={quote(SCRIPT)}",
    ):
        page.goto(base + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert (
            page.locator("main [onerror], main script:not([type='application/json'])").count() == 0
        )
        measure(page)
    assert not asked
    page.goto(base + campaign)
    expect(page.get_by_role("heading", level=1)).to_have_text(BOTH)
    expect(page.locator("p.prose", has_text=BOTH)).to_be_visible()
    page.goto(f"{base}{campaign}/edit")
    expect(page.get_by_label("Contract notes")).to_have_value(BOTH)


def test_a_link_is_never_script_wherever_it_was_typed(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/partners/new")
    base = sign_in("editor")
    page.goto(f"{base}/partners/new")
    page.get_by_label("Name", exact=True).fill("Dealhunt")
    page.get_by_label("Landing page").fill("https://shop.example/")
    for link in ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>"):
        page.get_by_label("Deal page").fill(link)
        page.get_by_role("button", name="Create partner").click()
        expect(page.get_by_label("Deal page")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Deal page")).to_have_value(link)
    expect(page.get_by_label("Landing page")).to_have_value("https://shop.example/")
