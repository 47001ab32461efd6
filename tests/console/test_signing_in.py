"""Signing in and out, and what becomes of a form in between."""

import re
from collections.abc import Callable

import httpx
import pytest
from kit.chance import without_chance
from kit.consoles import Browser
from kit.people import Shop, Somebody

from counterfoil.platform import Platform

LATE = 30.0


def test_who_is_not_signed_in_gets_where_they_wanted_by_signing_in(
    shop: Shop, browse: Callable[[], Browser]
) -> None:
    email, password = shop.user("viewer")
    browser = browse()
    wanted = f"/p/{shop.id}/partners?q=blog"

    asked = browser.get(wanted)
    page = browser.follow(asked)
    signed_in = browser.send(page, "/signin", _email=email, _password=password)

    assert asked.status == 303
    assert page.title.startswith("Sign in")
    assert signed_in.answer.headers["location"] == wanted
    assert browser.follow(signed_in).status == 200
    assert set(browser.cookies) == {"__Host-sid"}


@pytest.mark.parametrize("role", ["owner", "editor", "viewer", "partner"])
def test_signing_in_leads_to_what_there_is_to_see(
    shop: Shop, browse: Callable[[], Browser], role: str
) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})["id"] if role == "partner" else None
    browser = browse()

    page = browser.follow(browser.sign_in(*shop.user(role, partner)))

    assert page.status == 200
    place = "/portal/" if role == "partner" else "/p/"
    assert page.answer.url.path.startswith(f"{place}{shop.id}")


@pytest.mark.parametrize("known", [True, False])
def test_who_cannot_sign_in_is_not_told_why(
    shop: Shop, browse: Callable[[], Browser], known: bool
) -> None:
    email = shop.user("viewer")[0] if known else "nobody@shop.example"
    browser = browse()

    page = browser.send(browser.open("/signin"), "/signin", _email=email, _password="not this one")

    assert page.status == 422
    assert "E-mail or password is not right" in page.text
    assert ("_email", email) in page.form("/signin").fields
    assert "not this one" not in page.answer.text
    assert browser.cookies == {}


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_our_own_pages_alone(
    shop: Shop, browse: Callable[[], Browser], wanted: str
) -> None:
    email, password = shop.user("viewer")
    browser = browse()
    page = browser.get(f"/signin?next={wanted}")

    signed_in = browser.send(page, "/signin", _email=email, _password=password, next=wanted)

    assert signed_in.answer.headers["location"] == "/"
    assert "evil" not in without_chance(page.answer.text)


def test_who_signs_out_is_out_with_every_copy_of_the_cookie(owner: Somebody) -> None:
    browser = owner.browser
    stolen = dict(browser.cookies)
    page = browser.open(f"{owner.home}/partners")

    out = browser.follow(browser.send(page, "/signout"))

    assert "You are signed out" in out.text
    assert "__Host-sid" not in browser.cookies
    browser.cookies |= stolen
    assert browser.get("/account").answer.headers["location"].startswith("/signin")


def test_a_form_in_an_ended_session_comes_back_filled_and_is_not_sent(owner: Somebody) -> None:
    browser = owner.browser
    page = browser.open(f"{owner.home}/settings/project")
    session = browser.cookies.pop("__Host-sid")

    late = browser.send(page, name="A new name", time_zone="Asia/Tokyo")
    back = browser.send(
        late, f"{owner.home}/settings/project", _email=owner.email, _password=owner.password
    )

    assert late.status == 401
    assert "not lost" in late.text
    assert back.status == 422
    fields = dict(back.form().fields)
    assert (fields["name"], fields["time_zone"]) == ("A new name", "Asia/Tokyo")
    assert "Nothing has been sent yet" in back.text
    assert browser.cookies["__Host-sid"] != session
    stored = dict(browser.open(f"{owner.home}/settings/project").form().fields)
    assert stored["name"] != "A new name"

    sent = browser.send(back)

    assert sent.status == 303
    stored = dict(browser.open(f"{owner.home}/settings/project").form().fields)
    assert (stored["name"], stored["time_zone"]) == ("A new name", "Asia/Tokyo")


def test_what_was_typed_survives_a_wrong_password_and_a_sign_in_elsewhere(owner: Somebody) -> None:
    browser, place = owner.browser, f"{owner.home}/settings/project"
    page = browser.open(place)
    del browser.cookies["__Host-sid"]

    late = browser.send(page, name='Ärger <&">', time_zone="Asia/Tokyo")
    wrong = browser.send(late, place, _email=owner.email, _password="wrong")
    assert wrong.status == 401
    assert "not right" in wrong.text
    browser.sign_in(owner.email, owner.password)  # in another tab
    resumed = browser.send(wrong, place, _resume="1", _signin=[])

    assert dict(resumed.form().fields)["name"] == 'Ärger <&">'


def test_a_password_does_not_wait_in_a_page(owner: Somebody) -> None:
    browser = owner.browser
    page = browser.open("/account")
    del browser.cookies["__Host-sid"]

    form = next(form for form in page.forms if ("act", "password") in form.fields)
    late = browser.post("/account", form.filled(password="old secret", new_password="new secret"))

    assert late.status == 401
    assert "old secret" not in late.answer.text
    assert "new secret" not in late.answer.text


def test_a_form_of_an_older_session_comes_back_filled(owner: Somebody) -> None:
    browser = owner.browser
    page = browser.open(f"{owner.home}/settings/project")
    browser.sign_in(owner.email, owner.password)

    stale = browser.send(page, name="A new name")

    assert stale.status == 422
    assert "has not been sent" in stale.text
    assert dict(stale.form().fields)["name"] == "A new name"
    assert browser.send(stale).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="from-elsewhere"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="from-a-neighbour"),
        pytest.param({"Sec-Fetch-Site": "none"}, id="from-nowhere"),
    ],
)
def test_a_form_of_anothers_page_does_nothing(owner: Somebody, headers: dict[str, str]) -> None:
    page = owner.browser.open("/account")

    refused = owner.browser.post("/signout", page.form("/signout").fields, **headers)

    assert refused.status == 403
    assert owner.browser.get("/account").status == 200


def test_without_fetch_metadata_the_origin_counts(platform: Platform, owner: Somebody) -> None:
    cookie = {"Cookie": f"__Host-sid={owner.browser.cookies['__Host-sid']}"}
    fields = dict(owner.browser.open("/account").form("/signout").fields)

    def sign_out(headers: dict[str, str]) -> int:
        url = f"{platform.gateway}/signout"
        return httpx.post(url, data=fields, headers=cookie | headers, timeout=LATE).status_code

    assert sign_out({}) == 403
    assert sign_out({"Origin": "https://evil.example"}) == 403
    assert sign_out({"Origin": "null"}) == 403
    assert sign_out({"Origin": platform.gateway}) == 303


def test_who_is_invited_joins_by_the_link(owner: Somebody, browse: Callable[[], Browser]) -> None:
    inviting = owner.browser.open(f"{owner.home}/settings/users/invite")
    email = "new@shop.example"
    invited = owner.browser.send(inviting, email=email, role="viewer")
    path = re.findall(r"/invite/cpi_\w+", invited.answer.text)[0]
    newcomer = browse()

    page = newcomer.get(path)
    short = newcomer.send(page, name="New", password="short")
    joined = newcomer.send(short, name="New", password="a long enough password")

    assert "To the project “Shop " in page.text
    assert short.status == 422
    assert "short" not in dict(short.form().fields).values()
    assert joined.status == 303
    assert newcomer.open(f"{owner.home}/partners").status == 200
    assert newcomer.open(f"{owner.home}/settings/users").status == 403
    assert email in owner.browser.open(f"{owner.home}/settings/users").text
    gone = browse().get(path)
    assert gone.status == 404
    assert "no longer good" in gone.text
    assert browse().get("/invite/cpi_made_up").text == gone.text
