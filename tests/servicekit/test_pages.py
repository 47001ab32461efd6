"""The pages of all three services, as their edge lets them out: whole without any other host."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Mapping
from html.parser import HTMLParser

import httpx
import pytest
from kit.apis import apis
from kit.patience import until_true
from starlette.applications import Starlette
from starlette.types import ASGIApp

from counterfoil.engines import gateway
from servicekit.http import pages
from servicekit.http.pages import ASSETS

PAGES = [
    f"/{kind}/{service}"
    for kind in ("docs", "asyncapi")
    for service in ("campaigns", "redemption", "analytics")
]


class Elements(HTMLParser):
    """What a browser would do with a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        for name, value in attrs:
            if tag == "a" and name == "href":
                self.links.append(value or "")
            elif name in {"src", "href"}:
                self.loads.append(value or "")
            elif name.startswith("on"):
                self.inline.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self._open == "script" and data.strip():
            self.inline.append(data)

    def handle_endtag(self, _tag: str) -> None:
        self._open = ""


@pytest.fixture(scope="module")
def services() -> Mapping[str, ASGIApp]:
    async def made() -> Mapping[str, ASGIApp]:  # their pools ask for a loop
        return apis()

    return asyncio.run(made())


@pytest.fixture(params=PAGES)
async def page(
    request: pytest.FixtureRequest, services: Mapping[str, ASGIApp]
) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """One page and its service."""
    api = services[request.param.rpartition("/")[2]]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://api") as http:
        yield http, request.param


async def test_a_page_loads_and_names_nothing_of_another_host(
    page: tuple[httpx.AsyncClient, str],
) -> None:
    http, path = page
    answer = await http.get(path)
    elements = Elements(answer.text)

    assert answer.status_code == 200
    assert not re.search(r"(?:https?:)?//", answer.text)
    for loaded in elements.loads:
        if loaded.startswith(ASSETS):  # the gateway's, which tests/platform asks for each
            assert loaded.removeprefix(f"{ASSETS}/") in gateway.SERVED["swagger-ui"]
        else:
            assert (await http.get(loaded)).status_code == 200, loaded


async def test_a_document_is_written_once_for_all_who_ask() -> None:
    written: list[str] = []

    def describe() -> dict[str, str]:
        written.append("a document")
        return {"openapi": "3.1.0"}

    app = Starlette(routes=pages.docs("campaigns", describe))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as http:
        answers = [await http.get("/openapi/campaigns.json") for _ in range(3)]

    assert [answer.json() for answer in answers] == [{"openapi": "3.1.0"}] * 3
    assert answers[0].headers["Content-Type"] == "application/json"
    assert written == ["a document"]


async def test_every_link_of_a_page_is_answered(page: tuple[httpx.AsyncClient, str]) -> None:
    http, path = page
    text = (await http.get(path)).text
    links = Elements(text).links

    assert links
    for link in links:
        if link.startswith("#"):
            assert f' id="{link[1:]}"' in text
        else:
            assert (await http.get(link)).headers["content-type"] == "application/json"


async def test_a_page_obeys_the_policy_that_is_sent_with_it(
    page: tuple[httpx.AsyncClient, str],
) -> None:
    http, path = page
    answer = await http.get(path)
    policy = answer.headers["content-security-policy"]
    elements = Elements(answer.text)

    assert "default-src 'none'; script-src 'self'; connect-src 'self';" in policy
    assert elements.inline == []
    for script in (path for path in elements.loads if path.endswith(".js")):
        if script.startswith(ASSETS):
            continue
        said = await http.get(script)
        # Who sniffs nothing runs nothing else.
        assert said.headers["content-type"].startswith("text/javascript")
        assert said.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("service", ["campaigns", "redemption", "analytics"])
async def test_the_script_of_a_page_opens_the_document_of_its_service(
    services: Mapping[str, ASGIApp], service: str
) -> None:
    api = services[service]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://api") as http:
        script = (await http.get(f"/docs/{service}/start.js")).text
        document = (await http.get(f"/openapi/{service}.json")).json()

    assert f'url: "/openapi/{service}.json"' in script
    assert "validatorUrl: null" in script  # or a badge asks a host elsewhere about the document
    assert document["info"]["title"] == f"Counterfoil {service}"


async def test_a_document_is_made_once_and_nobody_waits_for_it_who_did_not_ask() -> None:
    made = 0
    others_go_on = threading.Event()

    def describe() -> Mapping[str, str]:
        nonlocal made
        made += 1
        assert others_go_on.wait(20)  # in vain, where they wait for this
        return {"openapi": "3.1.0"}

    app = Starlette(routes=[*pages.docs("shop", describe)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        asking = asyncio.gather(*(http.get("/openapi/shop.json") for _ in range(5)))
        await until_true(lambda: made > 0)
        others_go_on.set()

        assert [answer.json() for answer in await asking] == [{"openapi": "3.1.0"}] * 5
    assert made == 1
