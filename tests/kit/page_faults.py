"""What is wrong with pages that somebody has walked: collected all along, told at the end."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

MOST_SHIFT: Final = 0.05
BAD: Final = 400
# A page that is left takes its requests along.
LEFT: Final = "net::ERR_ABORTED"
# What htmx says of one that was taken along, or that a newer one has replaced.
REPLACED: Final = ("htmx:afterRequest,", "htmx:sendAbort,")
# Swagger UI is not ours, and fails axe.
NOT_OURS: Final = "/docs/"


@dataclass
class Faults:
    """Everything that a context's pages have done and should not have."""

    origin: str
    _found: list[str] = field(default_factory=list)
    _expected: list[tuple[int, str]] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._said)
        context.on("weberror", lambda error: self._found.append(f"script: {error.error}"))
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def expect(self, status: int, path: str) -> None:
        """Allow an answer: Chromium calls each above 399 an error, a form that is refused too."""
        self._expected.append((status, path))

    def assert_none(self) -> None:
        found, self._found = self._found, []
        assert not found, "\n".join(found)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or message.text.startswith(REPLACED):
            return
        refused = re.search(r"the server responded with a status of (\d+)", message.text)
        if refused and self._is_expected(int(refused[1]), message.location["url"]):
            return
        swapped = re.match(r"Response Status Error Code (\d+) from (\S+),", message.text)  # htmx's
        if swapped and self._is_expected(int(swapped[1]), swapped[2]):
            return
        self._found.append(f"console: {message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        origin = f"{address.scheme}://{address.netloc}"
        if address.scheme not in ("data", "blob") and origin != self.origin:
            self._found.append(f"another origin: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self._found.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= BAD and not self._is_expected(response.status, response.url):
            self._found.append(f"{response.status}: {response.request.method} {response.url}")

    def _is_expected(self, status: int, url: str) -> bool:
        return any(status == known and path in url for known, path in self._expected)


def inspect(page: Page) -> None:
    """Look at a page as it stands: axe finds nothing, nothing jumped, nothing is too wide."""
    if NOT_OURS in page.url:
        return
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(AXE)
    assert not found, f"{page.url}\n" + "\n".join(map(_told, found))
    measure(page)


def measure(page: Page) -> None:
    """Look alone at whether something jumped, or is too wide."""
    shift = page.evaluate("() => window.__shift")
    assert shift < MOST_SHIFT, f"{page.url}: layout shift {shift:.3f}"
    wide = page.evaluate(TOO_WIDE)
    assert not wide, f"{page.url} scrolls sideways: {json.dumps(wide)}"


# It leaves empty styles behind, which a swap would copy, and the policy refuse.
AXE: Final = """async () => {
  const found = await axe.run({ resultTypes: ["violations"] });
  for (const each of document.querySelectorAll('[style=""]')) each.removeAttribute("style");
  return found.violations;  // told is a tenth of a megabyte of what is sound
}"""
TOO_WIDE: Final = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return null;
  const clipped = (each) => each.parentElement &&
    (getComputedStyle(each.parentElement).overflowX !== "visible" || clipped(each.parentElement));
  const over = [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > width + 1 && !clipped(each));
  return { width, scrolls: document.documentElement.scrollWidth,
    over: over.slice(0, 5).map((each) => `${each.tagName}.${each.className}`) };
}"""


def _told(violation: dict[str, Any]) -> str:
    where = [f"  {node['target']}: {node['html'][:160]}" for node in violation["nodes"][:5]]
    return "\n".join([f"{violation['id']}: {violation['help']}", *where])
