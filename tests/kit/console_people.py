"""People who sign in with a browser, and what their shops do meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import BrowserContext, Locator, Page, expect

from counterfoil.platform import Platform
from kit import consoles
from kit.people import Shop, new_shop
from kit.plain_http import PLAIN


def management(platform: Platform) -> dict[str, str]:
    """Return what the operator sends along."""
    return {
        "X-Management-Id": platform.management_id,
        "X-Management-Token": platform.management_token,
    }


@contextmanager
def opened(platform: Platform) -> Iterator[Shop]:
    with httpx.Client(base_url=platform.gateway, timeout=30, **PLAIN) as http:
        yield new_shop(http, management(platform))


def sign_in_as(page: Page, email: str, password: str) -> None:
    """Sign in by the form; it leads to where the person has something to see."""
    page.goto("/signin")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url("/signin")


def bring_in(context: BrowserContext, console: str, email: str, password: str) -> None:
    """Let a window be that of somebody who has signed in already.

    The form was sent as a browser sends it, but no page was drawn: neither that of the form nor the
    dashboard that it leads to, the dearest of all, and most go elsewhere.
    """
    with consoles.Browser(console) as browser:
        answer = browser.sign_in(email, password)
        assert answer.status == httpx.codes.SEE_OTHER, answer.text
        kept = browser.cookies
    host = str(urlsplit(console).hostname)  # by it alone: `__Host-` needs HTTPS in an address
    context.add_cookies(
        [
            {
                "name": name,
                "value": value,
                "domain": host,
                "path": "/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "Lax",
            }
            for name, value in kept.items()
        ]
    )


def go_to(page: Page, section: str) -> None:
    """Choose a section; on a phone the menu has to be opened for it."""
    menu = page.get_by_role("button", name="Menu", exact=True)
    if menu.is_visible():
        menu.click()
    nav = page.get_by_role("navigation", name="Pages", exact=True)
    nav.get_by_role("link", name=section, exact=True).click()


def reload_until(page: Page, shown: Locator) -> None:
    """Look again until something is there: reports follow within seconds."""
    for _ in range(120):
        if shown.count():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(shown).not_to_have_count(0)
