"""What holds on every page."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from kit.consoles import Browser, Page
from kit.people import Shop, Somebody

from console.pages import PAGES

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
STAFF: Final = [page for page in PAGES if page.path.startswith("/p/{project}")]
PORTAL: Final = [page for page in PAGES if page.path.startswith("/portal/{project}")]
FORBIDDEN: Final = 403


def address(path: str, project: str, thing: str = "nothing_like_it") -> str:
    return re.sub(r"\{\w+\}", thing, path.replace("{project}", project))


def every(pages: list, method: str) -> list[str]:  # type: ignore[type-arg]
    wanted = "show" if method == "GET" else "save"
    return sorted({page.path for page in pages if getattr(page, wanted) is not None})


def assert_ours(page: Page) -> None:
    headers = page.answer.headers
    if page.status not in (303, 302) and headers.get("content-type", "").startswith("text/html"):
        assert headers["content-security-policy"] == POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["vary"] == "HX-Request"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]


def test_no_page_of_staff_breaks_or_may_be_kept(owner: Somebody) -> None:
    answers = {}
    for path in every(STAFF, "GET"):
        page = owner.browser.get(address(path, owner.project_id))
        answers[path] = page.status
        assert page.status in (200, 303, 404), f"{path}: {page.status} {page.text[:300]}"
        if "csv" not in path:
            assert_ours(page)

    assert 200 in answers.values()


def test_another_projects_pages_are_as_if_there_were_none(owner: Somebody, shop: Shop) -> None:
    """Also to who knows what is in them, and whatever is sent."""
    other = shop.another()
    partner = other.made("/v1/partners", {"name": "Canary-7f3e"})
    token = dict(owner.browser.open("/account").form("/signout").fields)["csrf"]
    for path in every(STAFF, "GET"):
        page = owner.browser.get(address(path, other.id, partner["id"]))
        assert page.status == 404, path
        assert "Canary-7f3e" not in page.answer.text
    for path in every(STAFF, "POST"):
        sent = [("csrf", token), ("name", "Canary-7f3e"), ("typed", "Canary-7f3e")]
        assert owner.browser.post(address(path, other.id, partner["id"]), sent).status == 404, path
    for path in every(STAFF, "GET"):
        # In one's own project, by the other's ids.
        page = owner.browser.get(address(path, owner.project_id, partner["id"]))
        assert page.status in (200, 303, 404), path
        assert "Canary-7f3e" not in page.answer.text, path


def test_a_partner_is_on_no_page_of_staff_and_staff_on_none_of_a_partners(
    shop: Shop, sign_in: Callable[..., Somebody], owner: Somebody
) -> None:
    partner = shop.made("/v1/partners", {"name": "Blog"})
    somebody = sign_in("partner", partner["id"])

    for path in every(STAFF, "GET"):
        page = somebody.browser.get(address(path, shop.id))
        assert page.status == FORBIDDEN, path
        assert "has no access" in page.text
        assert_ours(page)
    for path in every(PORTAL, "GET"):
        assert owner.browser.get(address(path, shop.id)).status == FORBIDDEN, path


def test_who_may_only_look_changes_nothing(sign_in: Callable[..., Somebody], shop: Shop) -> None:
    viewer = sign_in("viewer")
    token = dict(viewer.browser.open("/account").form("/signout").fields)["csrf"]

    for path in every(STAFF, "POST"):
        page = viewer.browser.post(address(path, shop.id), [("csrf", token)])
        assert page.status == FORBIDDEN, path


@pytest.mark.parametrize("path", ["/", "/account", "/p/proj_1/partners"])
def test_nobody_sees_anything_before_they_sign_in(browse: Callable[[], Browser], path: str) -> None:
    page = browse().get(path)

    assert page.status == 303
    assert page.answer.headers["location"].startswith("/signin")
    assert_ours(page)


def test_what_is_unknown_in_an_address_is_named_and_can_be_left_out(owner: Somebody) -> None:
    page = owner.browser.get(f"{owner.home}/partners?color=<b>red</b>&status=live")

    assert page.status == 400
    assert "There is no “color” here" in page.text
    without = f"{owner.home}/partners?status=live"
    assert without in page.links
    assert owner.browser.get(without).status == 200
    value = owner.browser.get(f"{owner.home}/partners?status=%3Cscript%3E")
    assert "“status” cannot be “<script>”" in value.text
    assert "<script>”" not in value.answer.text


def test_no_page_of_staff_passes_over_what_it_does_not_know(owner: Somebody) -> None:
    passed_over = {
        path: answer.status
        for path in every(STAFF, "GET")
        if (answer := owner.browser.get(f"{address(path, owner.project_id)}?color=red")).status
        not in (400, 404)
    }

    assert not passed_over


def test_a_view_has_one_address(owner: Somebody) -> None:
    page = owner.browser.get(f"{owner.home}/partners?page=1&status=&sort=-created_at&q=+blog+")

    assert page.status == 303
    assert page.answer.headers["location"] == f"{owner.home}/partners?q=blog"


def test_an_address_that_is_no_page_is_404_within_the_console(owner: Somebody) -> None:
    for path in ("/nothing", "/p", f"{owner.home}/nothing", "/static/0/console.css"):
        page = owner.browser.get(path)
        assert page.status == 404, path
        assert page.title.startswith("Error: Not found")
        assert_ours(page)


def test_script_in_a_name_is_text(owner: Somebody, shop: Shop) -> None:
    name = "<script>alert(1)</script>\"'&"
    shop.made("/v1/partners", {"name": name, "contact": "javascript:alert(1)"})

    page = owner.browser.open(f"{owner.home}/partners")

    assert name in page.text
    assert "<script>alert" not in page.answer.text
    assert not any(link.startswith("javascript:") for link in page.links)


def test_a_part_of_a_page_is_given_to_htmx_alone(owner: Somebody) -> None:
    """And the whole page to whoever goes back to it."""
    place = f"{owner.home}/partners"
    htmx = {"HX-Request": "true", "HX-Target": "main"}

    restored = owner.browser.get(place, **htmx, **{"HX-History-Restore-Request": "true"})

    assert "<html" in restored.answer.text


def test_our_own_files_are_kept_by_their_content(owner: Somebody) -> None:
    page = owner.browser.open(f"{owner.home}/partners")
    found = re.findall(r'(?:href|src)="(/(?:static|assets)/[^"]+)"', page.answer.text)

    assert len(found) >= 3
    for path in found:
        answer = owner.browser.get(path).answer
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_partners_are_listed_found_and_sorted(owner: Somebody, shop: Shop) -> None:
    for name in ("Blog", "Site", "Newsletter"):
        shop.made("/v1/partners", {"name": name})
    place = f"{owner.home}/partners"

    assert names(owner.browser.open(place)) == ["Newsletter", "Site", "Blog"]
    assert names(owner.browser.open(f"{place}?sort=name")) == ["Blog", "Newsletter", "Site"]
    assert names(owner.browser.open(f"{place}?q=let")) == ["Newsletter"]
    nothing = owner.browser.open(f"{place}?q=nobody")
    assert names(nothing) == []
    assert "No partner matches" in nothing.text


def names(page: Page) -> list[str]:
    return re.findall(r'href="/p/\w+/partners/part_\w+"[^>]*>([^<]+)</a>', page.answer.text)
