"""Lists of redemptions, through HTTP: the same as were computed of the ledger in Python."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from kit.redemption_http import proof, serving, two_projects
from kit.redemption_samples import NOON, a_request, campaign_changed, voucher_changed

from redemption import snapshots
from redemption.decider import Decider


@pytest.fixture
async def shop(
    redemption_db: str, pool: asyncpg.Pool, decider: Decider
) -> AsyncIterator[httpx.AsyncClient]:
    """Two campaigns of two partners, and a day of redemptions and refusals, an hour apart."""
    await snapshots.apply(
        pool,
        [
            *two_projects(),
            campaign_changed("camp_1", name="Winter"),
            campaign_changed("camp_2", name="Spring", active=False),
            voucher_changed("SUMMER", "camp_1"),
            voucher_changed("ONCE", "camp_1", quantity=1),
            voucher_changed("OFF", "camp_2"),
        ],
    )
    asked: list[tuple[tuple[str, ...], dict[str, Any]]] = [
        (("SUMMER",), {"customer": "anna", "order_id": "order-1", "request_id": "first"}),
        (("ONCE",), {"customer": "bert", "order_id": "order-2"}),
        (("ONCE",), {"customer": "anna", "order_id": "order-3"}),
        (("OFF",), {"customer": "anna", "order_id": "order-4"}),
        (("SUMER",), {"order_id": "order-5"}),
        (("SUMMER", "OFF"), {"customer": "carl", "order_id": "order-6"}),
    ]
    for hour, (codes, more) in enumerate(asked):
        await decider.decide([a_request(*codes, at=NOON + timedelta(hours=hour), **more)])
    async with serving(redemption_db) as client:
        yield client


async def listed(client: httpx.AsyncClient, query: str = "", **parameters: Any) -> list[str]:
    answer = await client.get(f"/v1/redemptions{query}", params=parameters or None)
    assert answer.status_code == 200, answer.text
    return [
        f"{r['voucher']['code']} {r['reason'] or 'redeemed'}" for r in answer.json()["redemptions"]
    ]


EVERYTHING = [
    "SUMMER stack_refused",
    "OFF campaign_inactive",
    "SUMER not_found",
    "OFF campaign_inactive",
    "ONCE quantity_exceeded",
    "ONCE redeemed",
    "SUMMER redeemed",
]


async def test_a_list_is_newest_first_and_in_voucherifys_form(shop: httpx.AsyncClient) -> None:
    body = (await shop.get("/v1/redemptions")).json()

    assert sorted(await listed(shop)) == sorted(EVERYTHING)
    assert (await listed(shop))[2:] == EVERYTHING[2:]
    assert (body["object"], body["data_ref"]) == ("list", "redemptions")
    assert (body["total"], body["total_estimated"]) == (7, False)
    assert (body["has_more"], body["more_cursor"]) == (False, None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?result=SUCCESS", EVERYTHING[5:]),
        ("?result=FAILURE&code=ONCE", EVERYTHING[4:5]),
        ("?result=SUCCESS&result=FAILURE&code=ONCE", EVERYTHING[4:6]),
        ("?reason=quantity_exceeded&reason=not_found", [EVERYTHING[2], EVERYTHING[4]]),
        ("?failure_code=resource_not_found", EVERYTHING[2:3]),
        ("?filters[failure_code][conditions][$in][0]=not_found", EVERYTHING[2:3]),
        ("?filters%5Bfailure_code%5D%5Bconditions%5D%5B%24is%5D=not_found", EVERYTHING[2:3]),
        (
            "?filters[voucher_code][conditions][$in]=['ONCE', 'SUMER']",
            [*EVERYTHING[2:3], *EVERYTHING[4:6]],
        ),
        ("?code[]=ONCE&code[]=SUMER", [*EVERYTHING[2:3], *EVERYTHING[4:6]]),
        ("?campaign=Winter&result=SUCCESS", EVERYTHING[5:]),
        ("?campaign_id=camp_2&customer=anna", EVERYTHING[3:4]),
        ("?campaign_id=camp_2&campaign=Winter", []),
        ("?campaign=Autumn", []),
        ("?partner_id=part_1&reason=quantity_exceeded", EVERYTHING[4:5]),
        ("?partner_id=part_9", []),
        ("?customer=anna", [EVERYTHING[3], EVERYTHING[4], EVERYTHING[6]]),
        ("?order_id=order-5", EVERYTHING[2:3]),
        ("?request_id=first", EVERYTHING[6:]),
        ("?from=2026-11-23T13:00:00Z&to=2026-11-23T15:00:00Z", EVERYTHING[4:6]),
        (
            "?created_at[after]=2026-11-23T13:00:00Z&created_at[before]=2026-11-23T15:00:00Z",
            EVERYTHING[4:5],
        ),
        ("?from=2026-11-23T15:00:00%2B01:00&to=2026-11-23T16:00:00 01:00", EVERYTHING[4:5]),
        ("?[created_at][before]=2026-11-23", []),
        ("?from=2027-01-01&to=2026-01-01", []),
        ("?order=created_at&limit=3", EVERYTHING[:3:-1]),
        ("?limit=2&page=3", EVERYTHING[4:6]),
    ],
)
async def test_a_filter_finds_what_it_says(
    shop: httpx.AsyncClient, query: str, expected: list[str]
) -> None:
    assert await listed(shop, query) == expected


async def test_another_project_sees_nothing(shop: httpx.AsyncClient) -> None:
    everything = (await shop.get("/v1/redemptions")).json()["redemptions"]
    for query in ("", "?code=SUMMER", "?campaign_id=camp_1", "?customer=anna", "?order_id=order-1"):
        theirs = await shop.get(f"/v1/redemptions{query}", headers=proof("key_b"))
        assert (theirs.status_code, theirs.json()["total"]) == (200, 0)
    for each in everything:
        found = await shop.get(f"/v1/redemptions/{each['id']}", headers=proof("key_b"))
        assert found.status_code == 404
