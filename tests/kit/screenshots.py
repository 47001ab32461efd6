"""`make screenshots`: pictures of the console for the documentation, from the demo's real year.

Needs a platform that `counterfoil demo --keep` has left running.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from counterfoil import logins
from counterfoil.demo.assumptions import PROJECT
from counterfoil.folder import DEFAULT
from counterfoil.platform import Platform
from kit import chromium
from kit.chromium import Look
from kit.console_people import sign_in_as

PICTURES: Final = Path(__file__).parents[2] / "docs" / "console"
DEMO: Final = DEFAULT / "demo"
YEAR: Final = "period=custom&from=2017-01-01&to=2017-12-31"
LOOKS: Final = (Look(1440, "light"), Look(1440, "dark"), Look(390, "light"))


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
    page.goto(f"{base}/partners")


def partner(page: Page, base: str) -> None:
    partners(page, base)
    page.locator("[data-row] a").first.click()
    page.get_by_role("heading", level=1).wait_for()


SHOTS: Final[tuple[Callable[[Page, str], None], ...]] = (
    *(dashboard, campaigns, campaign, codes, failures, partners, partner),
)


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
    with sync_playwright() as playwright, chromium.running(playwright, path) as browser:
        for look in LOOKS:
            with chromium.context(browser, look, base_url=platform.gateway) as context:
                page = context.new_page()
                sign_in_as(page, login["email"], login["password"] or "")
                base = demo(page)
                for shot in SHOTS:
                    if not chosen.names or shot.__name__ in chosen.names:
                        shot(page, base)
                        page.wait_for_load_state("networkidle")
                        page.screenshot(path=chosen.into / f"{shot.__name__}-{look}.png")


if __name__ == "__main__":
    main()
