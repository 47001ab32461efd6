"""People in front of the console of a running platform."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from kit.consoles import Browser
from kit.people import Shop, Somebody, new_shop
from kit.plain_http import PLAIN

from counterfoil.platform import Platform


@pytest.fixture
def shop(platform: Platform) -> Iterator[Shop]:
    management = {
        "X-Management-Id": platform.management_id,
        "X-Management-Token": platform.management_token,
    }
    with httpx.Client(base_url=platform.gateway, timeout=30, **PLAIN) as http:
        yield new_shop(http, management)


@pytest.fixture
def browse(platform: Platform) -> Iterator[Callable[[], Browser]]:
    """Open browsers."""
    with ExitStack() as open_browsers:
        yield lambda: open_browsers.enter_context(Browser(platform.gateway))


@pytest.fixture
def sign_in(shop: Shop, browse: Callable[[], Browser]) -> Callable[..., Somebody]:
    """Let somebody in with a role, and sign them in."""

    def signed_in(role: str, partner_id: str | None = None) -> Somebody:
        email, password = shop.user(role, partner_id)
        browser = browse()
        page = browser.sign_in(email, password)
        assert page.status == 303, page.text
        return Somebody(browser, email, password, shop.id)

    return signed_in


@pytest.fixture
def owner(sign_in: Callable[..., Somebody]) -> Somebody:
    return sign_in("owner")
