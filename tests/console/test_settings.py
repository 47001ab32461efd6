"""Keys, users, the project and the audit log, as an owner uses them."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
from kit.consoles import Browser, Page
from kit.patience import until
from kit.people import Shop, Somebody

from counterfoil.platform import Platform

CAMPAIGN = {
    "channel": "web",
    "voucher": {"type": "DISCOUNT_VOUCHER", "discount": {"type": "PERCENT", "percent_off": 10}},
}


def revealed(page: Page) -> list[str]:
    """Return the secrets that a page shows."""
    return re.findall(r'<div class="secret"><code>([^<]+)</code>', page.answer.text)


async def test_a_key_is_shown_once_and_opens_what_it_may(owner: Somebody, shop: Shop) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/keys"
    form = browser.open(f"{place}/new")

    made = browser.send(form, name="Reader", scopes=["campaigns_read"], expires_at="")
    app_id, token = revealed(made)
    again = browser.send(form, name="Reader", scopes=["campaigns_read"], expires_at="")

    keys = {"X-App-Id": app_id, "X-App-Token": token}
    assert shop.http.get("/v1/partners", headers=keys).status_code == 200
    assert shop.http.post("/v1/partners", headers=keys, json={"name": "A"}).status_code == 403
    assert (again.status, again.answer.headers["location"]) == (303, place)
    listed = browser.open(place)
    assert token not in listed.answer.text
    named = [key["name"] for key in shop.listed("/v1/keys", owner)]
    assert named.count("Reader") == 1


async def test_a_key_is_revoked_by_who_types_its_name(owner: Somebody, shop: Shop) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/keys"
    made = browser.send(browser.open(f"{place}/new"), name="Old", scopes=["reports"], expires_at="")
    app_id, token = revealed(made)
    keys = {"X-App-Id": app_id, "X-App-Token": token}

    wrong = browser.follow(browser.send(browser.open(place), f"{place}/{app_id}/revoke", typed="x"))
    assert "Nothing was revoked" in wrong.text
    assert shop.http.get("/v1/reports/partners", headers=keys).status_code == 200
    page = browser.open(place)
    right = browser.follow(browser.send(page, f"{place}/{app_id}/revoke", typed="Old"))

    assert "opens nothing any more" in right.text
    assert "Revoked" in right.text
    await until(
        lambda: refused(shop.http, keys), what="the services to have heard of the revoked key"
    )


async def refused(http: httpx.Client, keys: dict[str, str]) -> bool:
    answer = await asyncio.to_thread(http.get, "/v1/reports/partners", headers=keys)
    return answer.status_code == 401


def test_what_the_api_refuses_of_a_key_stands_at_its_field(owner: Somebody) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/keys/new"

    page = browser.send(browser.open(place), name="", scopes=[], expires_at="2026-03-29T02:30")

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert 'id="expires_at-error"' in page.answer.text  # clocks jumped over it, in Berlin
    page = browser.send(page, name="", scopes=[], expires_at="")
    assert page.status == 422
    assert 'id="name-error"' in page.answer.text


def test_a_publishable_key_names_the_places_of_its_pages(owner: Somebody, shop: Shop) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/keys"
    pages: dict[str, Any] = {"name": "Pages", "scopes": ["client_validations"], "expires_at": ""}
    form = browser.open(f"{place}/new")

    nowhere = browser.send(form, **pages)
    mixed = browser.send(nowhere, **pages | {"scopes": ["client_validations", "redemptions"]})
    secret = browser.send(mixed, **pages | {"scopes": ["reports"], "origins": "https://a.example"})
    wrong = browser.send(secret, **pages, origins="shop.example")
    made = browser.send(wrong, **pages, origins="https://Shop.example/\nhttp://localhost:3000")

    assert [each.status for each in (nowhere, mixed, secret, wrong)] == [422] * 4
    for page in (nowhere, secret, wrong):
        assert 'id="origins-error"' in page.answer.text
    assert 'id="scopes-error"' in mixed.answer.text
    assert revealed(made)
    [stored] = [key for key in shop.listed("/v1/keys", owner) if key["name"] == "Pages"]
    assert stored["origins"] == ["https://shop.example", "http://localhost:3000"]
    assert "https://shop.example" in browser.open(place).text


def test_categories_are_made_put_in_order_and_deleted_unless_a_campaign_is_in_one(
    owner: Somebody, shop: Shop
) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/categories"

    new = f"{place}/new"
    wrong = browser.send(browser.open(new), name="Welcome", hierarchy="first")
    made = browser.follow(browser.send(wrong, name="Welcome", hierarchy="2"))
    browser.send(browser.open(new), name="Help desk", hierarchy="1")

    assert wrong.status == 422
    assert 'id="hierarchy-error"' in wrong.answer.text
    assert "Welcome is created" in made.text
    listed = browser.open(place)
    assert listed.text.index("Help desk") < listed.text.index("Welcome")
    stored = {each["name"]: each["id"] for each in shop.listed("/v1/categories", owner)}
    edit = f"{place}/{stored['Welcome']}/edit"
    browser.send(browser.open(edit), edit, name="New ones", hierarchy="0")
    shop.made("/v1/campaigns", {"name": "A", "category": "New ones"} | CAMPAIGN)
    kept = browser.follow(browser.send(browser.open(edit), f"{place}/{stored['Welcome']}/delete"))
    assert "is deleted" not in kept.text
    other = f"{place}/{stored['Help desk']}"
    gone = browser.follow(browser.send(browser.open(f"{other}/edit"), f"{other}/delete"))
    assert "Help desk is deleted" in gone.text


def test_a_zone_that_does_not_exist_is_refused_at_its_field(owner: Somebody) -> None:
    place = f"{owner.home}/settings/project"
    form = owner.browser.open(place)

    page = owner.browser.send(form, name="Shop", time_zone="Mars/Olympus")

    assert page.status == 422
    assert 'id="time_zone-error"' in page.answer.text
    assert dict(page.form(place).fields)["time_zone"] == "Mars/Olympus"


def test_a_new_zone_is_that_of_every_page(owner: Somebody) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/project"

    browser.send(browser.open(place), name="Shop", time_zone="Asia/Tokyo")

    assert "Asia/Tokyo, UTC+9" in browser.open(f"{owner.home}/partners").text


def test_a_role_is_changed_and_taken_away(
    owner: Somebody, sign_in: Callable[..., Somebody]
) -> None:
    viewer, browser = sign_in("viewer"), owner.browser
    place = f"{owner.home}/settings/users"
    listed = browser.open(place)
    [path] = {
        link
        for link in listed.links
        if link.startswith(f"{place}/user_") and viewer.email in browser.open(link).text
    }

    browser.send(browser.open(path), role="editor", partner_id="")
    assert "Editor" in browser.open(place).text
    page = browser.open(place)
    wrong = browser.follow(browser.send(page, f"{path}/remove", typed="somebody"))
    assert "Nobody was removed" in wrong.text
    right = browser.follow(browser.send(page, f"{path}/remove", typed=viewer.email))

    assert "no longer in this project" in right.text
    assert path not in right.links


def test_the_last_owner_stays(owner: Somebody) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/users"
    [path] = {link for link in browser.open(place).links if link.startswith(f"{place}/user_")}

    page = browser.send(browser.open(path), role="viewer", partner_id="")

    assert page.status == 422
    assert "owner" in page.text
    assert browser.open(place).status == 200


def test_a_partner_needs_to_be_one(owner: Somebody, shop: Shop) -> None:
    shop.made("/v1/partners", {"name": "Blog"})
    browser = owner.browser
    form = browser.open(f"{owner.home}/settings/users/invite")

    page = browser.send(form, email="p@blog.example", role="partner", partner_id="")

    assert page.status == 422
    assert dict(page.form().fields)["role"] == "partner"


def test_the_audit_log_says_who_changed_what(owner: Somebody, shop: Shop) -> None:
    browser = owner.browser
    project = f"{owner.home}/settings/project"
    browser.send(browser.open(project), name="Renamed", time_zone="Europe/Berlin")
    shop.made("/v1/partners", {"name": "By a program"})
    place = f"{owner.home}/settings/audit"

    page = browser.open(place)
    filtered = browser.open(f"{place}?kind=partner&from=2020-01-01")
    nothing = browser.open(f"{place}?to=2020-01-01")
    csv = browser.get(f"{place}.csv?kind=partner").answer

    assert "Project Renamed changed by" in page.text
    assert "in the console" in page.text
    assert "Partner By a program created" in page.text
    assert "Project Renamed" not in filtered.text
    assert "Nothing was changed that fits" in nothing.text
    assert csv.headers["content-type"].startswith("text/csv")
    assert re.search(r'filename="counterfoil-[\w-]+-audit-\d{8}T\d{6}Z\.csv"', str(csv.headers))
    assert "By a program" in csv.text


def test_a_password_is_changed_by_who_knows_it(
    owner: Somebody, browse: Callable[[], Browser]
) -> None:
    form = next(
        each for each in owner.browser.open("/account").forms if ("act", "password") in each.fields
    )

    wrong = owner.browser.post(
        "/account", form.filled(password="wrong", new_password="a new long password")
    )
    changed = owner.browser.post(
        "/account", form.filled(password=owner.password, new_password="a new long password")
    )

    assert wrong.status == 422
    assert changed.status == 303
    assert owner.browser.open("/account").status == 200
    fresh = browse()
    assert fresh.sign_in(owner.email, owner.password).status == 422
    assert fresh.sign_in(owner.email, "a new long password").status == 303


def test_one_signs_out_elsewhere(
    platform: Platform, owner: Somebody, browse: Callable[[], Browser]
) -> None:
    elsewhere = browse()
    elsewhere.sign_in(owner.email, owner.password)
    page = owner.browser.open("/account")
    [path] = [form.action for form in page.forms if form.action.endswith("/end")]

    done = owner.browser.follow(owner.browser.send(page, path))

    assert "Signed out there" in done.text
    secret = elsewhere.cookies["__Host-sid"]
    current = httpx.get(
        f"{platform.gateway}/v1/sessions/current",
        headers={"Authorization": f"Bearer {secret}"},
        timeout=30,
    )
    assert current.status_code == 401


def test_a_theme_is_there_before_the_first_paint(owner: Somebody) -> None:
    page = owner.browser.open(f"{owner.home}/partners")
    forms = [form for form in page.forms if form.action == "/account/theme"]
    dark = next(form for form in forms if ("theme", "dark") in form.fields)

    changed = owner.browser.follow(owner.browser.post("/account/theme", dark.fields))

    assert str(changed.answer.url.path) == f"{owner.home}/partners"
    assert '<html lang="en" data-theme="dark"' in changed.answer.text
