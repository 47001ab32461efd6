"""People at the console, in Chromium. In a run of their own: `make test-browser`.

Every test ends with a look at what its pages did: no error on the console, no failed request, none
to another origin, no broken policy; and at the page where it ended: axe, layout shift, width.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from kit import chromium, platforms
from kit.chromium import Look
from kit.console_people import bring_in, opened
from kit.page_faults import Faults, inspect
from kit.people import Shop
from kit.sharing import Run
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from counterfoil.folder import Folder
from counterfoil.platform import Platform

FAILED = pytest.StashKey[bool]()
MISSING = "Chromium is not here, so nothing of the console was looked at: apt-get install chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if any(MISSING in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.section("NO BROWSER", sep="!", red=True, bold=True)
        terminalreporter.line(MISSING)


@pytest.fixture(scope="session")
def platform(run: Run) -> Platform:
    """One for all processes of the run: they would wait for a second to start, and feed it."""
    return Platform.of(Folder(Path(run.shared("platform", platforms.in_a_folder))))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.found()
    if path is None:
        pytest.skip(MISSING)
    expect.set_options(timeout=chromium.PATIENCE_MS)
    with sync_playwright() as playwright, chromium.running(playwright, path) as browser:
        yield browser


@pytest.fixture
def look() -> Look:
    """A wide window in light, unless a test asks for `@every_look`, or for one of its own."""
    return Look()


@pytest.fixture
def faults(platform: Platform) -> Iterator[Faults]:
    """What the test's pages do wrong; `faults.expect(422, "/campaigns/new")` allows an answer."""
    found = Faults(platform.gateway)
    yield found
    found.assert_none()


@pytest.fixture
def context(
    browser: Browser, platform: Platform, look: Look, faults: Faults
) -> Iterator[BrowserContext]:
    with chromium.context(browser, look, base_url=platform.gateway) as opened:
        faults.watch(opened)
        yield opened


@pytest.fixture
def elsewhere(
    browser: Browser, platform: Platform, look: Look, faults: Faults
) -> Iterator[Callable[[], Page]]:
    """Open a browser of somebody else, or of the same person at another desk."""
    with ExitStack() as opened:

        def another() -> Page:
            made = chromium.context(browser, look, base_url=platform.gateway)
            context = opened.enter_context(made)
            faults.watch(context)
            return context.new_page()

        yield another


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Generator[Page]:
    """A page of nobody's yet; it is inspected where the test has ended."""
    opened = context.new_page()
    yield opened
    if not request.node.stash.get(FAILED, False) and opened.url.startswith("http"):
        inspect(opened)


@pytest.fixture
def shop(platform: Platform) -> Iterator[Shop]:
    """A project that nobody else's test knows."""
    with opened(platform) as shop:
        yield shop


@pytest.fixture
def sign_in(context: BrowserContext, platform: Platform, shop: Shop) -> Callable[..., str]:
    """Sign somebody of a role in, who has no page before them yet; return where theirs begin."""

    def signed_in(role: str = "owner", partner_id: str | None = None) -> str:
        bring_in(context, platform.gateway, *shop.user(role, partner_id))
        return f"/portal/{shop.id}" if role == "partner" else f"/p/{shop.id}"

    return signed_in


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report
