"""Debian's Chromium, driven by Playwright: it speaks to this machine alone."""

import asyncio
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, ViewportSize

T = TypeVar("T")
# The first page of a platform that has just begun, on two busy cores.
PATIENCE_MS: Final = 30_000
Theme = Literal["light", "dark"]
# The usual switches leave it looking for accounts and updates: no name but ours is resolved.
SILENT: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
# What every page of a context is watched by: no policy is broken, nothing jumps.
WATCH: Final = """
window.__shift = 0;
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy broken: ${event.violatedDirective} ${event.blockedURI}`));
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True, slots=True)
class Look:
    """How wide a window is, and in which theme."""

    width: int = 1440
    theme: Theme = "light"

    @property
    def size(self) -> ViewportSize:
        return {"width": self.width, "height": 844 if self.width < 600 else 900}

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}"


LOOKS: Final = tuple(Look(width, theme) for width in (1440, 390) for theme in ("light", "dark"))


every_look = pytest.mark.parametrize("look", LOOKS, ids=str)
both_widths = pytest.mark.parametrize("look", [Look(1440, "light"), Look(390, "dark")], ids=str)
phone = pytest.mark.parametrize("look", [Look(390)], ids=str)


def found() -> str | None:
    """Return where Chromium is, if it is here."""
    return shutil.which("chromium")


@contextmanager
def running(playwright: Playwright, path: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=path, args=list(SILENT))
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def context(browser: Browser, look: Look, **options: Any) -> Iterator[BrowserContext]:
    """Open a window of somebody who is not in the project's time zone and likes no motion."""
    usual: dict[str, Any] = {
        "viewport": look.size,
        "color_scheme": look.theme,
        "reduced_motion": "reduce",
        "locale": "en-GB",
        "timezone_id": "Asia/Tokyo",
        "service_workers": "block",
    }
    opened = browser.new_context(**usual | options)
    opened.set_default_timeout(PATIENCE_MS)
    opened.add_init_script(WATCH)
    try:
        yield opened
    finally:
        opened.close()


def aside(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what is asynchronous beside Playwright, whose loop holds this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
