import time
from typing import Any

import asyncpg
import httpx
import pytest
from kit.campaigns_samples import MANAGEMENT, Shop

from campaigns.app import Waits
from contracts.guesses import GuessLimits
from servicekit.http.keys import REVOKED_WITHIN_SECONDS

PROJECT = {"name": "shop", "currency": "EUR", "time_zone": "Europe/Berlin"}


async def test_a_project_opens_with_a_key_that_works_at_once(shop: Shop) -> None:
    assert shop.project_id.startswith("proj_")
    assert (await shop.call("GET", "/v1/campaigns")).status_code == 200


async def test_projects_are_listed_without_any_secret(http: httpx.AsyncClient, shop: Shop) -> None:
    answer = await http.get("/management/v1/projects", headers=MANAGEMENT)

    assert answer.json()["projects"] == [
        {"id": shop.project_id, "object": "project", "minor_units": 2}
        | PROJECT
        | {"guess_limits": GuessLimits().model_dump(), "case_sensitive_codes": True},
    ]


async def test_nobody_but_the_operator_manages(http: httpx.AsyncClient) -> None:
    strangers: list[dict[str, str]] = [
        {},
        {"X-Management-Id": "operator"},
        MANAGEMENT | {"X-Management-Token": "wrong"},
        MANAGEMENT | {"X-Management-Id": "wrong"},
    ]
    for headers in strangers:
        answer = await http.post("/management/v1/projects", json=PROJECT, headers=headers)

        assert answer.status_code == 401, headers
        assert answer.json()["key"] == "unauthorized"


async def test_a_project_is_checked(http: httpx.AsyncClient) -> None:
    wrong = [("name", ""), ("currency", "euro"), ("time_zone", "Mars/Olympus"), ("name", 7)]
    for field, value in wrong:
        answer = await http.post(
            "/management/v1/projects", json=PROJECT | {field: value}, headers=MANAGEMENT
        )

        assert answer.status_code == 400, field
        assert field in answer.json()["message"]


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("KWD", 3), ("CHF", 2)])
async def test_a_projects_amounts_count_its_currencys_own_minor_units(
    shop: Shop, currency: str, digits: int
) -> None:
    answer = await shop.http.post(
        "/management/v1/projects", json=PROJECT | {"currency": currency}, headers=MANAGEMENT
    )

    assert answer.json()["minor_units"] == digits


async def test_a_projects_guess_limits_are_set_and_told(shop: Shop, pool: asyncpg.Pool) -> None:
    body = PROJECT | {"guess_limits": {"per_customer": 3, "per_address": None}}
    made = (await shop.http.post("/management/v1/projects", json=body, headers=MANAGEMENT)).json()
    path = f"/management/v1/projects/{made['id']}/guess-limits"

    changed = await shop.http.put(path, json={"per_key": None}, headers=MANAGEMENT)
    again = await shop.http.put(path, json={"window_seconds": None}, headers=MANAGEMENT)

    limits = {"window_seconds": 60, "per_customer": 3, "per_address": None}
    assert made["guess_limits"] == limits | {"per_key": 600}
    assert changed.json()["guess_limits"] == limits | {"per_key": None}
    assert again.json() == changed.json()
    known = await pool.fetchval(
        "SELECT version FROM applied_versions WHERE kind = 'project' AND id = $1", made["id"]
    )
    assert known == 2


async def test_guess_limits_are_checked(shop: Shop) -> None:
    path = f"/management/v1/projects/{shop.project_id}/guess-limits"
    wrong: list[dict[str, Any]] = [{"per_key": 0}, {"window_seconds": 3601}, {"per_ip": 5}]
    for body in wrong:
        answer = await shop.http.put(path, json=body, headers=MANAGEMENT)

        assert answer.status_code == 400, body
        assert next(iter(body)) in answer.json()["message"]
    unknown = "/management/v1/projects/proj_unknown/guess-limits"
    assert (await shop.http.put(unknown, json={}, headers=MANAGEMENT)).status_code == 404


async def test_keys_are_listed_without_secrets_and_with_those_that_are_revoked(shop: Shop) -> None:
    path = f"/management/v1/projects/{shop.project_id}/keys"
    issued = (await shop.http.post(path, json={"scopes": ["reports"]}, headers=MANAGEMENT)).json()
    await shop.http.delete(f"{path}/{issued['app_id']}", headers=MANAGEMENT)

    answer = await shop.http.get(path, headers=MANAGEMENT)

    listed = answer.json()
    assert (listed["data_ref"], listed["total"]) == ("keys", 2)
    first, second = listed["keys"]
    assert (first["app_id"], first["revoked_at"]) == (shop.key_id, None)
    assert first["scopes"] == ["campaigns", "redemptions", "reports", "settings"]
    assert (second["app_id"], second["scopes"]) == (issued["app_id"], ["reports"])
    assert second["revoked_at"] > second["created_at"]
    assert shop.secret not in answer.text
    assert issued["app_token"] not in answer.text


async def test_keys_are_listed_for_the_operator_alone_and_for_projects_that_there_are(
    shop: Shop, rival: Shop
) -> None:
    path = "/management/v1/projects/{}/keys"

    assert (await shop.call("GET", path.format(shop.project_id))).status_code == 401
    unknown = await shop.http.get(path.format("proj_unknown"), headers=MANAGEMENT)
    assert (unknown.status_code, unknown.json()["resource_type"]) == (404, "project")
    theirs = await shop.http.get(path.format(rival.project_id), headers=MANAGEMENT)
    assert [key["app_id"] for key in theirs.json()["keys"]] == [rival.key_id]


async def test_a_key_opens_only_what_its_scopes_say(shop: Shop) -> None:
    path = f"/management/v1/projects/{shop.project_id}/keys"
    answer = await shop.http.post(path, json={"scopes": ["reports"]}, headers=MANAGEMENT)
    key = answer.json()

    refused = await shop.http.get(
        "/v1/campaigns", headers={"X-App-Id": key["app_id"], "X-App-Token": key["app_token"]}
    )

    assert refused.status_code == 403
    assert refused.json()["key"] == "missing_required_permission"


async def test_a_revoked_key_opens_nothing_and_redemption_knows(
    shop: Shop, pool: asyncpg.Pool
) -> None:
    answer = await shop.http.delete(
        f"/management/v1/projects/{shop.project_id}/keys/{shop.key_id}", headers=MANAGEMENT
    )

    assert answer.status_code == 204
    assert (await shop.call("GET", "/v1/campaigns")).status_code == 401
    known = await pool.fetchval("SELECT version FROM applied_versions WHERE kind = 'project'")
    assert known == 2


def test_a_revocation_waits_until_nobody_remembers_the_key_any_more() -> None:
    assert Waits().key_memory_seconds > REVOKED_WITHIN_SECONDS


@pytest.mark.parametrize("waits", [Waits(60.0, 60.0, key_memory_seconds=0.5)])
async def test_a_revocation_is_confirmed_when_nobody_remembers_the_key_any_more(
    shop: Shop,
) -> None:
    path = f"/management/v1/projects/{shop.project_id}/keys/{shop.key_id}"

    began = time.monotonic()
    answer = await shop.http.delete(path, headers=MANAGEMENT)

    assert answer.status_code == 204
    assert time.monotonic() - began > 0.5


async def test_a_revocation_that_nobody_confirms_is_no_success(deaf_shop: Shop) -> None:
    path = f"/management/v1/projects/{deaf_shop.project_id}/keys/{deaf_shop.key_id}"
    answer = await deaf_shop.http.delete(path, headers=MANAGEMENT)

    assert answer.status_code == 503
    assert (await deaf_shop.call("GET", "/v1/campaigns")).status_code == 401


async def test_wrong_keys_are_unauthorized(shop: Shop) -> None:
    wrong: list[dict[str, str]] = [
        {},
        {"X-App-Id": "", "X-App-Token": ""},
        {"X-App-Token": shop.secret},
        shop.headers | {"X-App-Token": "wrong"},
        shop.headers | {"X-App-Id": "cpn_live_unknown"},
    ]
    answers = [await shop.http.get("/v1/campaigns", headers=headers) for headers in wrong]

    assert {answer.status_code for answer in answers} == {401}


async def test_no_secret_is_stored_published_or_shown_again(
    deaf_shop: Shop, pool: asyncpg.Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    await deaf_shop.call("GET", "/v1/campaigns")
    tables = await pool.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    stored = [
        str(dict(row))
        for table in tables
        if table["relname"] != "schema_migrations"
        for row in await pool.fetch(f"SELECT * FROM {table['relname']}")
    ]
    listed = await deaf_shop.http.get("/management/v1/projects", headers=MANAGEMENT)
    printed = capsys.readouterr()

    assert stored
    for text in (*stored, listed.text, printed.out, printed.err):
        assert deaf_shop.secret not in text
        assert MANAGEMENT["X-Management-Token"] not in text


async def test_a_mistyped_field_of_a_project_is_named_and_not_ignored(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.post(
        "/management/v1/projects", json=PROJECT | {"timezone": "UTC"}, headers=MANAGEMENT
    )

    assert answer.status_code == 400
    assert ".timezone" in answer.json()["message"]
