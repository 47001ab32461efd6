"""A project without letter case: its codes are redeemed and found however they are typed."""

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from kit.redemption_books import audit
from kit.redemption_http import a_body, a_key, proof, serving
from kit.redemption_samples import PROJECT, campaign_changed, project_changed, voucher_changed

from redemption.applying import snapshots

TYPED = ("SUMMER10", "summer10", " \u00a0SuMMer10\u200b\t", "\ufeffsummer10\n")


@pytest.fixture
async def shop(redemption_db: str, pool: asyncpg.Pool) -> AsyncIterator[httpx.AsyncClient]:
    """A checkout of a project without letter case, and one next to it that tells it."""
    await snapshots.apply(
        pool,
        [
            project_changed(
                PROJECT, 1, a_key("key_a", "redemptions", "campaigns"), case_sensitive_codes=False
            ),
            project_changed("proj_b", 1, a_key("key_b", "redemptions")),
            campaign_changed(),
            campaign_changed("camp_b", project="proj_b"),
            voucher_changed("SUMMER10"),
            voucher_changed("STRASSE"),
            voucher_changed("SUMMER10", "camp_b", project="proj_b"),
        ],
    )
    async with serving(redemption_db) as client:
        yield client


async def redeem(shop: httpx.AsyncClient, *codes: str, **more: Any) -> httpx.Response:
    return await shop.post("/v1/redemptions", json=a_body(*codes), **more)


@pytest.mark.parametrize("typed", TYPED)
async def test_a_code_redeems_however_it_is_typed(
    shop: httpx.AsyncClient, pool: asyncpg.Pool, typed: str
) -> None:
    answer = await redeem(shop, typed)
    forecast = await shop.post("/v1/validations", json=a_body(typed))

    assert answer.status_code == 200, answer.text
    assert answer.json()["redemptions"][0]["voucher"]["code"] == "SUMMER10"
    assert forecast.json()["valid"] is True
    used = await pool.fetch("SELECT project_id, code FROM vouchers WHERE uses > 0")
    assert [tuple(row) for row in used] == [(PROJECT, "SUMMER10")]
    assert await audit(pool) == 1


async def test_next_door_letters_are_what_they_are(shop: httpx.AsyncClient) -> None:
    answers = [
        await redeem(shop, typed, headers=proof("key_b")) for typed in ("summer10", "SUMMER10")
    ]

    assert [each.status_code for each in answers] == [404, 200]


async def test_uses_of_all_spellings_are_those_of_one_code(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [voucher_changed("SUMMER10", version=2, quantity=2)])

    answers = [await redeem(shop, typed) for typed in TYPED]

    assert [each.status_code for each in answers] == [200, 200, 400, 400]
    assert answers[3].json()["key"] == "quantity_exceeded"


async def test_two_spellings_in_one_request_are_a_code_that_stands_twice(
    shop: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    for path in ("/v1/redemptions", "/v1/validations"):
        answer = await shop.post(path, json=a_body("straße", "STRASSE"))

        assert (answer.status_code, answer.json()["key"]) == (400, "duplicated_redeemables"), path
    assert await audit(pool) == 0


async def test_a_repeat_in_other_letters_is_a_repeat(shop: httpx.AsyncClient) -> None:
    first, again = [
        await redeem(shop, typed, headers={"Idempotency-Key": "one"}) for typed in TYPED[:2]
    ]

    assert (first.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_redemptions_are_found_by_any_spelling(shop: httpx.AsyncClient) -> None:
    await redeem(shop, "summer10")
    await redeem(shop, "Nobody")

    async def listed(path: str, **parameters: str) -> list[str]:
        answer = await shop.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return [each["voucher"]["code"] for each in answer.json()["redemptions"]]

    assert await listed("/v1/redemptions", code="Summer10") == ["SUMMER10"]
    assert await listed("/v1/redemptions", voucher_code="nobody\u200b") == ["NOBODY"]
    assert await listed("/v1/vouchers/%C2%A0sUMMer10/redemptions") == ["SUMMER10"]
    uses = await shop.get("/v1/vouchers/summer10/redemption")
    assert json.loads(uses.text)["redeemed_quantity"] == 1
