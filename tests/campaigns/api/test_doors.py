"""Who comes in where, and with how much; asked before a body is read."""

from collections.abc import AsyncIterator

import httpx
import pytest
from kit.campaigns_samples import MANAGEMENT, Shop, environment

from campaigns import app
from campaigns.app import LARGEST_BODY, LARGEST_MANAGEMENT_BODY
from campaigns.settings import ApiSettings
from contracts import topics

# What is in the path, or in the body, opens these.
WITHOUT_A_KEY = {
    ("get", "/go/{campaign}"): 404,
    ("head", "/go/{campaign}"): 404,
    ("get", "/v1/invitations/{token}"): 404,
    ("post", "/v1/invitations/{token}/accept"): 400,
    ("post", "/v1/sessions"): 400,
}


async def test_every_route_asks_for_its_key_before_it_reads_a_body(
    http: httpx.AsyncClient, campaigns_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(campaigns_db).items():
        monkeypatch.setenv(name, value)
    paths = app.api(ApiSettings()).openapi()["paths"]
    assert len(paths) > 15

    read: list[str] = []
    for path, methods in paths.items():
        for method in methods:
            answer = await http.request(method, path, content=_told(read, path))
            expected = WITHOUT_A_KEY.get((method, path), 401)
            assert (method, path, answer.status_code) == (method, path, expected)
    assert {("post", path) for path in read} <= WITHOUT_A_KEY.keys()


@pytest.mark.parametrize(
    ("path", "most"),
    [("/v1/campaigns", LARGEST_BODY), ("/management/v1/projects", LARGEST_MANAGEMENT_BODY)],
)
async def test_a_body_is_as_large_as_its_route_needs(
    http: httpx.AsyncClient, shop: Shop, path: str, most: int
) -> None:
    headers = shop.headers | MANAGEMENT
    just = await http.post(path, content=b" " * most, headers=headers)
    more = await http.post(path, content=b" " * (most + 1), headers=headers)

    assert (just.status_code, more.status_code) == (400, 413)


@pytest.mark.parametrize("path", ["/v1/campaigns", "/management/v1/projects"])
async def test_one_door_does_not_open_another(
    http: httpx.AsyncClient, shop: Shop, path: str
) -> None:
    other = MANAGEMENT if path.startswith("/v1") else shop.headers

    assert (await http.get(path, headers=other)).status_code == 401


async def _told(read: list[str], path: str) -> AsyncIterator[bytes]:
    read.append(path)
    yield b"{"


async def test_the_page_of_what_is_read_from_kafka_is_served_beside_the_others(
    http: httpx.AsyncClient,
) -> None:
    page = await http.get("/asyncapi/campaigns")
    tried = await http.post("/asyncapi/campaigns/try")

    assert page.status_code == 200
    assert topics.REDEMPTIONS.name in page.text
    assert "Content-Security-Policy" in page.headers
    assert tried.status_code == 404
