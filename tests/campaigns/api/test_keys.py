"""Keys of a project, as its owners make and revoke them; and the project itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from kit import outboxes
from kit.campaigns_people import Person, a_person
from kit.campaigns_samples import Shop

from contracts.campaigns import CampaignChanged


@pytest.fixture
async def owner(shop: Shop) -> Person:
    return await a_person(shop, name="Ann Lee")


async def made(owner: Person, **body: Any) -> dict[str, Any]:
    wanted = {"name": "Checkout", "scopes": ["campaigns_read"], **body}
    answer = await owner.call("POST", "/v1/keys", wanted)
    assert answer.status_code == 200, answer.text
    key: dict[str, Any] = answer.json()
    return key


def proof(key: dict[str, Any]) -> dict[str, str]:
    return {"X-App-Id": key["app_id"], "X-App-Token": key["app_token"]}


async def test_a_key_is_shown_once_and_listed_with_who_made_it(
    owner: Person, shop: Shop, pool: asyncpg.Pool
) -> None:
    key = await made(owner)

    listed = await owner.call("GET", "/v1/keys")

    shown = {each["app_id"]: each for each in listed.json()["keys"]}
    assert key["app_token"] not in listed.text
    assert shown[key["app_id"]] == {n: v for n, v in key.items() if n != "app_token"}
    assert key["created_by"] == {"id": owner.user_id, "kind": "user", "name": "Ann Lee"}
    assert key["app_token"].startswith(key["token_start"])
    assert shown[shop.key_id]["created_by"]["kind"] == "operator"
    actions = await pool.fetch("SELECT * FROM history WHERE target = $1", key["app_id"])
    assert [(row["action"], row["actor"]) for row in actions] == [("key.created", owner.user_id)]
    assert key["app_token"] not in str([dict(row) for row in actions])


async def test_a_key_that_may_look_changes_nothing(owner: Person, shop: Shop) -> None:
    reader = proof(await made(owner))

    assert (await shop.http.get("/v1/campaigns", headers=reader)).status_code == 200
    change = await shop.http.post("/v1/partners", json={"name": "x"}, headers=reader)
    assert (change.status_code, change.json()["key"]) == (403, "missing_required_permission")
    assert (await shop.http.get("/v1/keys", headers=reader)).status_code == 403


async def test_a_key_that_expires_opens_nothing_from_then_on(
    owner: Person, shop: Shop, pool: asyncpg.Pool
) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    key = await made(owner, expires_at=soon.isoformat())
    assert (await shop.http.get("/v1/campaigns", headers=proof(key))).status_code == 200

    await pool.execute(
        "UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", key["app_id"]
    )
    await pool.execute("UPDATE projects SET version = version + 1")
    fresh = await shop.http.get("/v1/campaigns", headers=proof(key) | {"X-App-Token": "wrong"})

    assert fresh.status_code == 401
    assert (await shop.http.get("/v1/campaigns", headers=proof(key))).status_code == 401


async def test_a_revoked_key_opens_nothing_and_stays_listed(
    owner: Person, shop: Shop, rival: Shop
) -> None:
    key = await made(owner)
    stranger = await a_person(rival)
    path = f"/v1/keys/{key['app_id']}"
    assert (await stranger.call("DELETE", path)).status_code == 404

    assert (await owner.call("DELETE", path)).status_code == 204

    assert (await shop.http.get("/v1/campaigns", headers=proof(key))).status_code == 401
    listed = (await owner.call("GET", "/v1/keys")).json()["keys"]
    [shown] = [each for each in listed if each["app_id"] == key["app_id"]]
    assert shown["revoked_at"] is not None
    assert (await owner.call("DELETE", path)).status_code == 204
    theirs = (await stranger.call("GET", "/v1/keys")).json()["keys"]
    assert key["app_id"] not in {each["app_id"] for each in theirs}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["campaigns"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["portal"]}, "scopes"),
        ({"name": "x", "scopes": ["everything"]}, "scopes"),
        ({"name": "x", "scopes": ["reports"], "expires_at": "2020-01-01"}, "expires_at"),
        ({"name": "x", "scopes": ["reports"], "role": "owner"}, "role"),
    ],
)
async def test_a_key_is_checked(owner: Person, body: dict[str, Any], field: str) -> None:
    answer = await owner.call("POST", "/v1/keys", body)
    assert answer.status_code == 400
    assert field in answer.json()["message"]


# The project


async def test_a_project_is_renamed_and_counts_by_other_days(
    owner: Person, shop: Shop, pool: asyncpg.Pool
) -> None:
    body = {"name": "Corner shop", "time_zone": "America/New_York", "currency": "EUR"}
    changed = await owner.call("PUT", "/v1/project", body)

    assert changed.status_code == 200, changed.text
    shown = (await shop.call("GET", "/v1/project")).json()
    assert shown == changed.json()
    assert {n: shown[n] for n in body} == body
    [row] = await pool.fetch("SELECT * FROM history WHERE action = 'project.updated'")
    assert row["actor"] == owner.user_id
    assert row["changes"]["time_zone"] == ["Europe/Berlin", "America/New_York"]
    known = await pool.fetchval(
        "SELECT version FROM applied_versions WHERE kind = 'project' AND id = $1", shop.project_id
    )
    assert known == await pool.fetchval(
        "SELECT version FROM projects WHERE id = $1", shop.project_id
    )


async def test_by_other_days_campaigns_are_told_anew_whose_terms_go_by_days(
    deaf_shop: Shop, pool: asyncpg.Pool
) -> None:
    timeframe = {"interval": "P7D", "duration": "PT1H"}
    hours = {"daily": [{"start_time": "09:00", "expiration_time": "10:00"}]}
    going_by_days: list[dict[str, Any]] = [
        {"limits": [{"of": "customer", "per": "day", "redemptions": 1}]},
        {"validity_day_of_week": [1]},
        {"validity_hours": hours},
        {"validity_timeframe": timeframe, "start_date": "2026-11-01"},
    ]
    others: list[dict[str, Any]] = [{}, {"limits": [{"of": "campaign", "discount_amount": 5}]}]
    by_days = [(await deaf_shop.campaign(name=str(w), **w))["id"] for w in going_by_days]
    always = [(await deaf_shop.campaign(name=str(words), **words))["id"] for words in others]

    changed = await deaf_shop.call("PUT", "/v1/project", {"time_zone": "America/New_York"})
    await deaf_shop.call("PUT", "/v1/project", {"name": "Corner shop"})

    assert changed.status_code == 200, changed.text
    rows = await pool.fetch("SELECT id, version FROM campaigns")
    assert dict(map(tuple, rows)) == dict.fromkeys(by_days, 2) | dict.fromkeys(always, 1)
    told = [
        CampaignChanged.model_validate_json(message.value).data.time_zone
        for message in await outboxes.messages(pool)
        if message.key == by_days[0].encode()
    ]
    assert told == ["Europe/Berlin", "America/New_York"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"currency": "USD"}, "currency"),
        ({"name": ""}, "name"),
        ({"id": "proj_other"}, "id"),
    ],
)
async def test_what_a_project_cannot_be_is_refused(
    owner: Person, body: dict[str, Any], field: str
) -> None:
    answer = await owner.call("PUT", "/v1/project", body)
    assert answer.status_code == 400
    assert f".{field}" in answer.json()["message"]


async def test_whoever_may_look_sees_the_project_and_owners_change_it(shop: Shop) -> None:
    for role, change in (("owner", 200), ("editor", 403), ("viewer", 403)):
        person = await a_person(shop, role)
        token = await person.token()
        assert (await person.call("GET", "/v1/project", headers=token)).status_code == 200
        answer = await person.call("PUT", "/v1/project", {"name": "x"}, headers=token)
        assert answer.status_code == change, role


# Last use


async def test_when_a_key_was_used_last_is_written_once_a_minute(
    owner: Person, shop: Shop, api: FastAPI, pool: asyncpg.Pool
) -> None:
    async def used() -> datetime | None:
        listed = (await owner.call("GET", "/v1/keys")).json()["keys"]
        [mine] = [key for key in listed if key["app_id"] == shop.key_id]
        return None if mine["last_used_at"] is None else parsed(mine["last_used_at"])

    await shop.call("GET", "/v1/campaigns")
    assert await used() is None
    await api.state.key_uses.write()
    first = await used()
    assert first is not None
    assert datetime.now(UTC) - first < timedelta(seconds=30)

    await shop.call("GET", "/v1/campaigns")
    await api.state.key_uses.write()

    assert await used() == first
    await pool.execute("UPDATE api_keys SET used_at = used_at - interval '2 minutes'")
    await shop.call("GET", "/v1/campaigns")
    await api.state.key_uses.write()
    assert await used() >= first  # type: ignore[operator]


def parsed(text: str) -> datetime:
    return datetime.fromisoformat(text)
