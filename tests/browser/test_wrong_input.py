"""Dates that cannot be, zones that there are not, ranges of a hundred years, others' ids."""

import re
from collections.abc import Callable

from kit import deals
from kit.chromium import both_widths
from kit.page_faults import Faults, inspect
from kit.people import Shop
from playwright.sync_api import Locator, Page, expect


def test_what_a_campaign_cannot_have_is_said_at_each_field_and_nothing_is_lost(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/campaigns/new")
    page.goto(f"{sign_in('editor')}/campaigns/new")
    typed = {
        "Name": "Winter",
        "Percent off": "150",
        "First day": "9999-12-31",
        "Last day": "0001-01-01",
        "Redemptions in all": "many",
        "Redemptions per customer": "99999999999999999999",
        "Share of the net": "-5",
        "Per redemption": "0.001",
        "Description": "Kept",
        "Contract notes": "Kept too",
    }
    for label, text in typed.items():
        field_of(page, label).fill(text)

    page.get_by_role("button", name="Create campaign").click()

    expect(page.get_by_role("alert")).to_be_focused()
    for label, text in typed.items():
        field = field_of(page, label)
        expect(field).to_have_value(text)
        if label not in {"Name", "Redemptions per customer", "Description", "Contract notes"}:
            expect(field, label).to_have_attribute("aria-invalid", "true")
    inspect(page)
    for label in ("First day", "Last day", "Redemptions in all", "Share of the net"):
        field_of(page, label).fill("")
    field_of(page, "Percent off").fill("15")
    field_of(page, "Per redemption").fill("0.10")

    page.get_by_role("button", name="Create campaign").click()

    expect(field_of(page, "Percent off")).not_to_have_attribute("aria-invalid", "true")
    beyond = field_of(page, "Redemptions per customer")
    expect(beyond).to_have_attribute("aria-invalid", "true")
    expect(beyond).to_have_value("99999999999999999999")
    expect(field_of(page, "Contract notes")).to_have_value("Kept too")


def field_of(page: Page, label: str) -> Locator:
    """Find a field, be it optional or not."""
    return page.get_by_label(re.compile(f"^{label}( \\(optional\\))?$"))


@both_widths
def test_a_range_of_a_hundred_years_and_a_reversed_one_are_said_at_their_fields(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    base = sign_in("editor")

    for path in ("/", "/redemptions", "/partners", "/failures"):
        page.goto(f"{base}{path}?period=custom&from=1926-01-01&to=2026-01-01")
        expect(page.get_by_text("Ten years at most")).to_be_visible()
        expect(page.get_by_label("From", exact=True).first).to_have_value("1926-01-01")
    inspect(page)
    page.get_by_label("From", exact=True).first.fill("2026-02-01")
    page.get_by_role("button", name="Apply").first.click()
    expect(page.get_by_text("The last day must not be before the first")).to_be_visible()
    expect(page.get_by_label("From", exact=True).first).to_be_focused()
    faults.expect(400, "/failures")
    page.goto(f"{base}/failures?period=custom&from=0001-01-01&to=9999-12-31")
    expect(page.get_by_role("main")).to_contain_text("“from” cannot be “0001-01-01”")


def test_a_time_zone_that_does_not_exist_is_refused_at_its_field(
    page: Page, sign_in: Callable[..., str], faults: Faults
) -> None:
    faults.expect(422, "/settings/project")
    page.goto(f"{sign_in()}/settings/project")
    page.get_by_label("Name", exact=True).fill("Another name")
    zone = page.get_by_label("Time zone")
    zone.fill("Europe/Atlantis")

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(zone).to_have_attribute("aria-invalid", "true")
    expect(zone).to_have_value("Europe/Atlantis")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Another name")
    inspect(page)


@both_widths
def test_another_projects_ids_are_not_found_and_the_way_back_is_shown(
    page: Page, shop: Shop, sign_in: Callable[..., str], faults: Faults
) -> None:
    theirs = shop.another()
    made = deals.campaign(theirs, "THEIRS10")
    _, refused = deals.redemption(theirs, "NOBODYS")
    faults.expect(404, "/p/")
    base = sign_in()

    for path in (
        *(f"/p/{theirs.id}/", f"/p/{theirs.id}/campaigns/{made['id']}"),
        *(f"{base}/campaigns/{made['id']}", f"{base}/campaigns/{made['id']}/edit"),
        *(f"{base}/campaigns/{made['id']}/history", f"{base}/campaigns/new?copy={made['id']}"),
        *(f"{base}/codes/THEIRS10", f"{base}/codes/THEIRS10/edit"),
        *(f"{base}/redemptions/{refused['resource_id']}", f"{base}/failures?campaign={made['id']}"),
        *(f"{base}/partners/{made['partner_id']}", f"{base}/partners/{made['partner_id']}/shares"),
        *(f"{base}/jobs/aa_1", f"{base}/nothing"),
    ):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
        expect(page.get_by_role("main")).not_to_contain_text("Autumn")
    inspect(page)
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
