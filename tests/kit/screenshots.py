"""`make screenshots`: pictures of the console for the documentation, from the demo's real year.

Needs a platform that `counterfoil demo --keep` has left running.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from counterfoil import logins
from counterfoil.demo.assumptions import PROJECT
from counterfoil.folder import DEFAULT
from counterfoil.platform import Platform
from kit import chromium
from kit.chromium import Look
from kit.console_people import management, sign_in_as
from kit.people import Shop
from kit.plain_http import PLAIN

PICTURES: Final = Path(__file__).parents[2] / "docs" / "console"
DEMO: Final = DEFAULT / "demo"
YEAR: Final = "period=custom&from=2017-01-01&to=2017-12-31"
LOOKS: Final = (Look(1440), Look(1440, "dark"), Look(390))


def demo(page: Page) -> str:
    """Return where the demo's own project begins: a platform comes with another one."""
    link = page.locator("#project-menu a", has_text=PROJECT).first
    return (link.get_attribute("href") or "").rstrip("/")


def dashboard(page: Page, base: str) -> None:
    page.goto(f"{base}/?{YEAR}&compare=none")
    page.locator(".u-over").first.wait_for()


def campaigns(page: Page, base: str) -> None:
    page.goto(f"{base}/campaigns?status=all&sort=-redemptions")


def campaign(page: Page, base: str) -> None:
    campaigns(page, base)
    page.locator("[data-row] a").first.click()
    page.get_by_role("heading", level=1).wait_for()
    page.goto(page.url.partition("?")[0] + f"?{YEAR}&compare=none")


def codes(page: Page, base: str) -> None:
    page.goto(f"{base}/codes?status=all&sort=-redemptions")


def failures(page: Page, base: str) -> None:
    page.goto(f"{base}/failures?{YEAR}")


def partners(page: Page, base: str) -> None:
    page.goto(f"{base}/partners?{YEAR}")


def partner(page: Page, base: str) -> None:
    campaign(page, base)
    page.locator('.lead a[href*="/partners/"]').click()
    page.wait_for_url("**/partners/*")
    page.goto(page.url.partition("?")[0] + f"?{YEAR}&compare=none")


SHOTS: Final[tuple[Callable[[Page, str], None], ...]] = (
    *(dashboard, campaigns, campaign, codes, failures, partners, partner),
)
PORTAL: Final = "portal"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=DEMO)
    options.add_argument("--into", type=Path, default=PICTURES)
    options.add_argument("names", nargs="*", help="which pictures; all, if none is named")
    chosen = options.parse_args()
    platform = Platform.at(chosen.data)
    chosen.into.mkdir(parents=True, exist_ok=True)
    path, login = chromium.found(), logins.kept(platform.folder)
    if login is None:
        raise SystemExit(f"nobody can sign in to the platform in {chosen.data}")
    if path is None:
        raise SystemExit("screenshots need Chromium: apt-get install chromium")
    staff = (login["email"], login["password"] or "")
    with sync_playwright() as playwright, chromium.running(playwright, path) as browser:
        shots = [shot for shot in SHOTS if not chosen.names or shot.__name__ in chosen.names]
        for look in LOOKS if shots else ():
            with signed_in(browser, platform, look, *staff) as page:
                base = demo(page)
                for shot in shots:
                    shot(page, base)
                    taken(page, chosen.into, shot.__name__, look)
        if not chosen.names or PORTAL in chosen.names:
            with signed_in(browser, platform, LOOKS[0], *staff) as page:
                somebody = of_the_best_partner(page, platform)
            for look in LOOKS:
                with signed_in(browser, platform, look, *somebody) as page:
                    page.goto("/portal")
                    page.goto(f"{page.url.rstrip('/')}/earnings?{YEAR}&compare=none")
                    taken(page, chosen.into, PORTAL, look)


@contextmanager
def signed_in(
    browser: Browser, platform: Platform, look: Look, email: str, password: str
) -> Iterator[Page]:
    with chromium.context(browser, look, base_url=platform.gateway) as context:
        page = context.new_page()
        sign_in_as(page, email, password)
        yield page


def of_the_best_partner(page: Page, platform: Platform) -> tuple[str, str]:
    """Let somebody of a partner in, as the operator does; the console shows who sells most."""
    base = demo(page)
    campaign(page, base)
    page.locator('.lead a[href*="/partners/"]').click()
    page.wait_for_url("**/partners/*")
    partner_id = page.url.rpartition("/")[2].partition("?")[0]
    with httpx.Client(base_url=platform.gateway, timeout=30, **PLAIN) as http:
        project = base.rpartition("/")[2]
        return Shop(http, project, {}, management(platform)).user("partner", partner_id)


def taken(page: Page, into: Path, name: str, look: Look) -> None:
    """Take what stands in the window, and no more: pictures are to be small."""
    page.wait_for_load_state("networkidle")
    theme = "" if look.theme == "light" else f"-{look.theme}"
    page.screenshot(path=into / f"{name}-{look.width}{theme}.png")


if __name__ == "__main__":
    main()
