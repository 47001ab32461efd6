"""How far the parts of a page move while it loads, as Chromium counts it, by Playwright."""

import importlib.util
import shutil
from collections.abc import Mapping
from typing import Final, NamedTuple

WIDTHS: Final = (1440, 390)
HEIGHT: Final = 900
# No name but ours is resolved: the browser looks for no update and no account.
SILENT: Final = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",)
WATCH: Final = """
window.__shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


class Login(NamedTuple):
    """What somebody signs in with."""

    email: str
    password: str


def can_look() -> bool:
    """Say whether Chromium and Playwright, which drives it, are here."""
    return shutil.which("chromium") is not None and (
        importlib.util.find_spec("playwright") is not None
    )


async def of_pages(
    gateway: str, login: Login, pages: Mapping[str, str], width: int
) -> dict[str, float]:
    """Sign in, open one page after the other, and return how far its parts moved."""
    from playwright.async_api import async_playwright  # noqa: PLC0415 - only where it is there

    found = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*SILENT]
        )
        context = await browser.new_context(
            base_url=gateway, viewport={"width": width, "height": HEIGHT}
        )
        await context.add_init_script(WATCH)
        page = await context.new_page()
        await page.goto("/signin")
        await page.get_by_label("E-mail").fill(login.email)
        await page.get_by_label("Password").fill(login.password)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.wait_for_url(lambda url: not url.endswith("/signin"))
        for name, path in pages.items():
            await page.goto(path, wait_until="networkidle")
            found[name] = float(await page.evaluate("() => window.__shift"))
        await browser.close()
    return found
