"""Who comes in where, and with how much; asked before a body is read."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from kit import tokens
from kit.campaigns_samples import MANAGEMENT, Shop, environment

from campaigns import app
from campaigns.accounts import ROLE_SCOPES, Role
from campaigns.doors import (
    LARGEST_BODY,
    LARGEST_CAMPAIGN,
    LARGEST_SHORT_BODY,
    LARGEST_STACKING,
)
from campaigns.settings import ApiSettings
from contracts import topics

# What is in the path, or in the body, opens these.
WITHOUT_A_KEY = {
    ("get", "/go/{campaign}"): 404,
    ("head", "/go/{campaign}"): 404,
    ("get", "/v1/invitations/{token}"): 404,
    ("post", "/v1/invitations/{token}/accept"): 400,
    ("post", "/v1/sessions"): 400,
    ("get", "/v1/oidc"): 200,
    ("post", "/v1/oidc/begin"): 404,
    ("post", "/v1/oidc/finish"): 400,
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
    [
        ("/v1/campaigns", LARGEST_CAMPAIGN),
        ("/v1/vouchers", LARGEST_CAMPAIGN),
        ("/v1/validation-rules", LARGEST_BODY),
        ("/v1/keys", LARGEST_SHORT_BODY),
        ("/management/v1/projects", LARGEST_STACKING),
    ],
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


OWNERS_ALONE = ("/v1/users", "/v1/invitations", "/v1/keys", "/v1/audit", "/v1/project")
PERSONAL = ("/v1/sessions", "/v1/account", "/v1/oidc")  # whoever is signed in, or is about to
READS = ("get", "head")


def may(role: Role, method: str, path: str) -> bool:
    """Say who may come in where, in the words of the roles."""
    if path.startswith("/v1/portal"):
        return role == "partner"
    if path in {"/v1/project", "/v1/project/stacking-rules"} and method in READS:
        return role != "partner"
    if path.startswith(OWNERS_ALONE):
        return role == "owner"
    return role in {"owner", "editor"} or (role == "viewer" and method in READS)


@pytest.mark.parametrize("role", ROLE_SCOPES)
async def test_each_role_comes_in_where_it_may_and_nowhere_else(
    http: httpx.AsyncClient, api: FastAPI, shop: Shop, role: Role
) -> None:
    partner = await shop.made("/v1/partners", {"name": "Blog"})
    token = tokens.bearer(
        shop.project_id,
        ROLE_SCOPES[role],
        partner_id=partner["id"] if role == "partner" else None,
    )
    walked = 0
    for path, methods in api.openapi()["paths"].items():
        for method in methods:
            if (method, path) in WITHOUT_A_KEY or path.startswith((*PERSONAL, "/v1/feed")):
                continue
            answer = await http.request(
                method, path.replace("{", "").replace("}", ""), headers=token
            )
            if path.startswith("/management/"):
                assert answer.status_code == 401, (method, path)
            else:
                came_in = answer.status_code not in {401, 403}
                assert came_in == may(role, method, path), (method, path, answer.text)
                walked += 1
    assert walked > 40


async def test_a_token_of_another_project_finds_nothing_of_this_one(
    http: httpx.AsyncClient, shop: Shop, rival: Shop
) -> None:
    campaign = await shop.campaign(name="Canary")
    await shop.made(f"/v1/campaigns/{campaign['id']}/vouchers/CANARY")
    token = tokens.bearer(rival.project_id, ROLE_SCOPES["owner"])

    for path in (f"/v1/campaigns/{campaign['id']}", "/v1/campaigns/Canary", "/v1/vouchers/CANARY"):
        assert (await http.get(path, headers=token)).status_code == 404, path
    for path in ("/v1/campaigns", "/v1/vouchers", "/v1/partners"):
        assert (await http.get(path, headers=token)).json()["total"] == 0, path
    keys = (await http.get("/v1/keys", headers=token)).json()["keys"]
    assert {key["app_id"] for key in keys} == {rival.key_id}
