"""Who may do what: keys, people, the zone, and what was done."""

import re
from collections.abc import Callable

from kit import chromium, deals
from kit.chromium import Look, both_widths
from kit.page_faults import Faults, inspect
from kit.people import Shop
from playwright.sync_api import Browser, Page, expect


@both_widths
def test_a_key_is_shown_once_works_and_is_revoked(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    deals.campaign(shop, "AUTUMN10")
    base = sign_in()
    main = page.get_by_role("main")

    page.goto(f"{base}/settings/keys")
    main.get_by_role("link", name="New key").click()
    page.get_by_label("Name").fill("Checkout")
    page.get_by_label("Redeem codes").check()
    page.get_by_role("button", name="New key").click()
    expect(main).to_contain_text("the only time that the token is shown")
    app_id, token = main.locator(".secret code").all_inner_texts()
    inspect(page)
    checkout = {"X-App-Id": app_id, "X-App-Token": token}
    asked = {"redeemables": [{"object": "voucher", "id": "AUTUMN10"}], "order": {"amount": 100}}
    assert shop.http.post("/v1/redemptions", json=asked, headers=checkout).status_code == 200
    main.get_by_role("link", name="I have stored it").click()
    row = page.get_by_role("row", name="Checkout")
    expect(row).to_contain_text(token[:4])
    expect(page.locator("body")).not_to_contain_text(token)

    row.get_by_role("button", name="Revoke").click()
    asks = page.get_by_role("dialog", name="Revoke Checkout?")
    asks.get_by_role("button", name="Revoke Checkout for ever").click()
    expect(asks).to_be_visible()  # its name was not typed
    asks.get_by_label("Type Checkout to confirm").fill("Checkout")
    inspect(page)
    asks.get_by_role("button", name="Revoke Checkout for ever").click()
    expect(page.get_by_text("Checkout is revoked and opens nothing any more.")).to_be_visible()
    assert shop.http.post("/v1/redemptions", json=asked, headers=checkout).status_code == 401


@both_widths
def test_somebody_is_invited_joins_and_is_removed(
    page: Page, shop: Shop, sign_in: Callable[..., str], browser: Browser, faults: Faults
) -> None:
    base = sign_in()
    main = page.get_by_role("main")
    email = "anna@agency.example"

    page.goto(f"{base}/settings/users")
    main.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Editor").check()
    page.get_by_role("button", name="Invite somebody").click()
    link = main.locator(".secret code").inner_text()
    inspect(page)
    main.get_by_role("link", name="I have stored it").click()
    expect(main).to_contain_text(email)

    with chromium.context(browser, Look(390), base_url=faults.origin) as theirs:
        faults.watch(theirs)
        window = theirs.new_page()
        window.goto(link)
        inspect(window)
        window.get_by_label("Your name").fill("Anna")
        window.get_by_label("Choose a password").fill("a long enough password")
        window.get_by_role("button", name="Accept").click()
        expect(window.get_by_role("heading", level=1)).to_have_text("Dashboard")

        page.reload()
        row = page.get_by_role("row", name=re.compile(email))
        row.get_by_role("button", name="Remove").click()
        asks = page.get_by_role("dialog", name=f"Remove {email}?")
        asks.get_by_label(f"Type {email} to confirm").fill(email)
        asks.get_by_role("button", name="Remove from the project").click()
        expect(main).to_contain_text(f"{email} is no longer in this project.")
        faults.expect(404, f"/p/{shop.id}")
        faults.expect(403, "/")
        for _ in range(40):  # within seconds: what the console remembers of a session must end
            answer = window.goto(f"/p/{shop.id}/campaigns")
            if answer is None or answer.status != 200 or "/campaigns" not in window.url:
                break
            window.wait_for_timeout(500)
        expect(window.get_by_role("heading", level=1)).not_to_have_text("Campaigns")


@both_widths
def test_times_follow_the_zone_and_the_audit_log_tells_who_moved_it(
    page: Page, shop: Shop, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/settings/project")
    made = deals.campaign(
        shop, start_date="2026-01-01T23:30:00.000Z", expiration_date="2027-06-30T22:00:00.000Z"
    )
    base = sign_in()
    main = page.get_by_role("main")

    page.goto(f"{base}/campaigns/{made['id']}/edit")
    expect(page.get_by_label("First day")).to_have_value("2026-01-02")  # Berlin
    page.goto(f"{base}/settings/project")
    page.get_by_label("Time zone").fill("Mars/Olympus")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Time zone")).to_have_value("Mars/Olympus")
    inspect(page)
    page.get_by_label("Time zone").fill("America/New_York")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("Times in America/New_York")).to_be_visible()

    page.goto(f"{base}/campaigns/{made['id']}/edit")
    expect(page.get_by_label("First day")).to_have_value("2026-01-01")
    page.goto(f"{base}/settings/audit")
    moved = main.get_by_role("listitem").filter(has_text="America/New_York")
    expect(moved.locator("del")).to_contain_text("Europe/Berlin")
    expect(moved).to_contain_text("@shop.example, in the console")
    inspect(page)
