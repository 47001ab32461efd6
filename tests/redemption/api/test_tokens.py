"""People at the door of redemption: by token, as long as their session and their grant last."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import asyncpg
import httpx
import pytest
from kit import tokens
from kit.patience import until
from kit.redemption_http import a_body, a_key, proof
from kit.redemption_samples import project_changed

from contracts.projects import Ended, KeyScope
from redemption.applying import snapshots

LOOK_UP = "/v1/redemptions/r_" + "0" * 32


@pytest.fixture
def stranger(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same, without the key that a checkout sends."""
    client.headers.pop("X-App-Id")
    client.headers.pop("X-App-Token")
    return client


@pytest.mark.parametrize(
    ("scope", "read", "ask", "redeem"),
    [
        ("redemptions", 404, 200, 200),
        ("redemptions_read", 404, 200, 403),
        ("campaigns", 403, 403, 403),
        ("portal", 403, 403, 403),
    ],
)
async def test_a_token_opens_what_its_scopes_say(
    stranger: httpx.AsyncClient, scope: str, read: int, ask: int, redeem: int
) -> None:
    token = tokens.bearer("proj_a", [scope])

    looked = await stranger.get(LOOK_UP, headers=token)
    asked = await stranger.post("/v1/validations", json=a_body(), headers=token)
    redeemed = await stranger.post("/v1/redemptions", json=a_body(), headers=token)

    statuses = (looked.status_code, asked.status_code, redeemed.status_code)
    assert statuses == (read, ask, redeem)


CLIENT = "/client/v1/"
SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)


def may(scope: str, method: str, path: str) -> bool:
    """Say where who has one scope comes in, in the words of the roles."""
    if path.startswith(CLIENT):
        return scope == "client_redemptions" or (
            scope == "client_validations" and path == f"{CLIENT}validations"
        )
    looks = method in {"get", "head"} or path == "/v1/validations"
    return scope == "redemptions" or (scope == "redemptions_read" and looks)


@pytest.mark.parametrize("scope", [*SCOPES, "portal"])
async def test_each_scope_comes_in_where_it_may_and_nowhere_else(
    stranger: httpx.AsyncClient, pool: asyncpg.Pool, scope: str
) -> None:
    origin = "https://shop.example"
    keys = [a_key(each, each).model_copy(update={"origins": (origin,)}) for each in SCOPES]
    await snapshots.apply(pool, [project_changed("proj_a", 2, *keys)])
    secret = proof(scope)
    of_pages = {
        "X-Client-Application-Id": scope,
        "X-Client-Token": secret["X-App-Token"],
        "Origin": origin,
    }
    paths = (await stranger.get("/openapi/redemption.json")).json()["paths"]
    walked = 0
    for path, methods in paths.items():
        by_key = of_pages if path.startswith(CLIENT) else secret
        for method in methods:
            url = path.replace("{", "").replace("}", "")
            token = tokens.bearer("proj_a", [scope])
            allowed = may(scope, method, path)
            for headers, opens in (
                (by_key, allowed and scope != "portal"),
                (token, allowed and by_key is secret),
                (token | {"Origin": origin}, allowed and by_key is secret),
            ):
                answer = await stranger.request(method, url, headers=headers)
                came_in = answer.status_code not in {401, 403}
                assert came_in == opens, (method, path, headers, answer.text)
            walked += 1
    assert walked > 20


async def test_a_token_of_a_project_that_nobody_knows_opens_nothing(
    stranger: httpx.AsyncClient,
) -> None:
    token = tokens.bearer("proj_unknown", ["redemptions"])
    assert (await stranger.get(LOOK_UP, headers=token)).status_code == 401


async def test_a_key_and_a_token_together_are_refused(client: httpx.AsyncClient) -> None:
    token = tokens.bearer("proj_a", ["redemptions"])
    assert (await client.get(LOOK_UP, headers=token)).status_code == 401


@pytest.mark.parametrize("ended", ["sess_a", "grant_a"])
async def test_an_ended_token_is_refused_within_seconds(
    stranger: httpx.AsyncClient, pool: asyncpg.Pool, ended: str
) -> None:
    token = tokens.bearer("proj_a", ["redemptions"])
    assert (await stranger.get(LOOK_UP, headers=token)).status_code == 404
    until_then = datetime.now(UTC) + timedelta(minutes=10)
    changed = project_changed("proj_a", 2)
    told = changed.data.model_copy(update={"ended": (Ended(id=ended, until=until_then),)})
    await snapshots.apply(pool, [changed.model_copy(update={"data": told})])

    async def refused() -> bool:
        return (await stranger.get(LOOK_UP, headers=token)).status_code == 401

    await until(refused, seconds=15)
    other = tokens.bearer("proj_a", ["redemptions"], session_id="sess_b", grant_id="grant_b")
    assert (await stranger.get(LOOK_UP, headers=other)).status_code == 404


async def test_an_older_snapshot_revives_no_session(pool: asyncpg.Pool) -> None:
    changed = project_changed("proj_a", 5)
    ended = (Ended(id="sess_a", until=datetime.now(UTC)),)
    told = changed.data.model_copy(update={"ended": ended})
    await snapshots.apply(pool, [changed.model_copy(update={"data": told})])

    await snapshots.apply(pool, [project_changed("proj_a", 4)])

    stored = await pool.fetchval("SELECT ended FROM projects WHERE project_id = 'proj_a'")
    assert stored == ["sess_a"]
