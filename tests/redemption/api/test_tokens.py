"""People at the door of redemption: by token, as long as their session and their grant last."""

from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import pytest
from kit import tokens
from kit.patience import until
from kit.redemption_http import a_body
from kit.redemption_samples import project_changed

from contracts.projects import Ended
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
