"""Owners set what a project is, who may come in, and which programs; and see who changed what."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from kit import deals
from kit.chromium import both_widths
from kit.console_people import sign_in_as
from kit.page_faults import Faults, inspect
from kit.people import Shop
from playwright.sync_api import Page, expect

TIMES = 120


def settings(page: Page, tab: str) -> None:
    """Go to a page of the settings, from wherever one is."""
    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Settings").click()
    page.get_by_role("main").get_by_role("link", name=tab, exact=True).click()
    expect(page.get_by_role("heading", name=tab, level=1)).to_be_visible()


def reload_until(page: Page, text: str, count: int = 1) -> None:
    """Load a page again until it says what holds by now: what is known of people is seconds old."""
    for _ in range(TIMES):
        if page.get_by_text(text).count() == count:
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text(text)).to_have_count(count)


@both_widths
def test_a_key_is_shown_once_used_and_revoked(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    page.goto(f"{sign_in()}/")
    settings(page, "Keys")
    page.get_by_role("link", name="New key").click()
    page.get_by_label("Name").fill("Checkout")
    page.get_by_role("checkbox", name="Read campaigns, codes and partners").check()
    inspect(page)
    page.get_by_role("button", name="New key").click()

    expect(page.get_by_text("This is the only time that the token is shown.")).to_be_visible()
    inspect(page)
    app_id, token = page.locator(".secret code").all_inner_texts()
    key = {"X-App-Id": app_id, "X-App-Token": token}
    assert shop.http.get("/v1/partners", headers=key).status_code == 200
    assert shop.http.post("/v1/partners", headers=key, json={"name": "A"}).status_code == 403
    page.get_by_role("link", name="I have stored it").click()
    row = page.locator("#keys [data-row]").filter(has_text="Checkout")
    expect(row).to_contain_text("Read campaigns, codes and partners")
    assert token not in page.content()
    inspect(page)
    row.get_by_role("button", name="Revoke").click()
    dialog = page.get_by_role("dialog", name="Revoke Checkout?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    inspect(page)
    dialog.get_by_label("Type Checkout to confirm").fill("Checkout")
    dialog.get_by_role("button", name="Revoke Checkout for ever").click()
    expect(page.get_by_text("Checkout is revoked and opens nothing any more.")).to_be_visible()
    expect(row).to_contain_text("Revoked")
    assert shop.http.get("/v1/partners", headers=key).status_code == 401


@both_widths
def test_somebody_is_invited_given_another_role_and_removed(
    page: Page,
    shop: Shop,
    sign_in: Callable[..., str],
    elsewhere: Callable[[], Page],
    faults: Faults,
) -> None:
    faults.expect(404, "/invite/")
    faults.expect(404, f"/p/{shop.id}/")
    deals.campaign(shop, "AUTUMN10")
    email, guest = f"ann-{uuid4().hex[:8]}@shop.example", elsewhere()
    page.goto(f"{sign_in()}/")
    settings(page, "Users")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("radio", name="Editor").check()
    inspect(page)
    page.get_by_role("button", name="Invite somebody").click()
    expect(page.get_by_text("It is shown this once.")).to_be_visible()
    inspect(page)
    [link] = page.locator(".secret code").all_inner_texts()

    guest.goto(link)
    expect(guest.get_by_text(f"as Editor. You will sign in as {email}")).to_be_visible()
    guest.get_by_label("Your name").fill("Ann")
    guest.get_by_label("Choose a password").fill("a password of mine")
    inspect(guest)
    guest.get_by_role("button", name="Accept").click()
    expect(guest.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    expect(guest.get_by_role("link", name="Settings")).to_have_count(0)
    guest.goto(f"/p/{shop.id}/campaigns")
    expect(guest.get_by_role("link", name="New campaign").first).to_be_visible()
    again = elsewhere()
    again.goto(link)
    expect(again.get_by_text("This invitation is no longer good").first).to_be_visible()
    inspect(again)

    page.get_by_role("link", name="I have copied it").click()
    page.get_by_role("link", name="Ann", exact=True).click()
    inspect(page)
    page.get_by_role("radio", name="Viewer").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It holds within seconds.")).to_be_visible()
    row = page.locator("#users [data-row]").filter(has_text=email)
    expect(row).to_contain_text("Viewer")
    inspect(page)
    reload_until(guest, "New campaign", 0)
    expect(guest.get_by_role("link", name="Autumn", exact=True)).to_be_visible()

    row.get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("dialog", name=f"Remove {email}?")
    dialog.get_by_label(f"Type {email} to confirm").fill(email)
    inspect(page)
    dialog.get_by_role("button", name="Remove from the project").click()
    expect(page.get_by_text(f"{email} is no longer in this project.")).to_be_visible()
    expect(row).to_have_count(0)
    reload_until(guest, "Autumn", 0)


@both_widths
def test_another_zone_is_that_of_every_page_and_projects_are_gone_between(
    page: Page, shop: Shop, faults: Faults
) -> None:
    faults.expect(422, "/settings/project")
    made = deals.campaign(shop, "AUTUMN10", start_date="2027-01-10T12:00:00Z")
    other = shop.another()
    deals.campaign(other, name="Theirs")
    email, password = shop.user("owner")
    path, member = f"/management/v1/projects/{other.id}/users", {"email": email, "role": "owner"}
    assert shop.http.post(path, json=member, headers=shop.management).is_success
    sign_in_as(page, email, password)
    page.goto(f"/p/{shop.id}/campaigns/{made['id']}")
    expect(page.get_by_role("main")).to_contain_text("10 Jan 2027, 13:00")
    expect(page.get_by_role("contentinfo")).to_contain_text("Europe/Berlin, UTC+1")

    settings(page, "Project")
    page.get_by_label("Time zone").fill("Europe/Atlantis")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Atlantis")
    inspect(page)
    page.get_by_label("Time zone").fill("America/New_York")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    inspect(page)
    page.goto(f"/p/{shop.id}/campaigns/{made['id']}")
    expect(page.get_by_role("main")).to_contain_text("10 Jan 2027, 07:00")
    expect(page.get_by_role("contentinfo")).to_contain_text("America/New_York, UTC")

    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()
    page.locator("[popovertarget=project-menu]").click()
    inspect(page)
    page.locator(f'#project-menu a[href="/p/{other.id}/"]').click()
    page.wait_for_url(f"**/p/{other.id}/")
    expect(page.get_by_role("contentinfo")).to_contain_text("Europe/Berlin")
    page.goto(f"/p/{other.id}/campaigns?status=all")
    expect(page.get_by_role("link", name="Theirs", exact=True)).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(1)


@both_widths
def test_the_audit_log_says_who_changed_what_and_is_filtered(
    page: Page, shop: Shop, sign_in: Callable[..., str]
) -> None:
    made = deals.campaign(shop, "AUTUMN10")
    base = sign_in()
    page.goto(f"{base}/campaigns/{made['id']}")
    page.get_by_role("main").get_by_role("button", name="Disable", exact=True).click()
    expect(page.locator("#said-last")).to_contain_text("Disabled.")

    settings(page, "Audit log")
    entries = page.locator("#view").get_by_role("listitem")
    expect(entries.filter(has_text="Campaign Autumn disabled")).to_contain_text("in the console")
    expect(entries.filter(has_text="Partner Dealhunt created")).to_contain_text("by a program")
    inspect(page)
    sheet = page.get_by_role("button", name="Filters")
    if sheet.is_visible():
        sheet.click()
        inspect(page)
    page.get_by_label("What was changed").press("p")  # the first that begins with it
    if sheet.is_visible():
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("#filter-sheet")).to_be_hidden()
        expect(sheet).to_be_focused()
    expect(page).to_have_url(re.compile(r"[?&]kind=partner"))
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text("Partner Dealhunt created")
    chip = page.get_by_role("group", name="Applied filters").get_by_role("link")
    expect(chip).to_contain_text("Partner")
    inspect(page)
    with page.expect_download() as begun:
        page.get_by_role("link", name="Export").click()
    with Path(begun.value.path()).open(encoding="utf-8-sig", newline="") as written:
        assert {each["action"] for each in csv.DictReader(written)} == {"partner.created"}
    chip.click()
    expect(entries.filter(has_text="Campaign Autumn disabled")).to_have_count(1)
