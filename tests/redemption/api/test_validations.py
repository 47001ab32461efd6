from typing import Any

import asyncpg
import httpx
from kit.redemption_books import audit
from kit.redemption_http import a_body
from kit.redemption_samples import campaign_changed, voucher_changed

from contracts.terms import PercentOff
from redemption import snapshots


async def validate(client: httpx.AsyncClient, *codes: str, **body: Any) -> dict[str, Any]:
    answer = await client.post("/v1/validations", json=a_body(*codes, **body))
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    return said


async def test_a_code_that_would_pass_is_applicable(client: httpx.AsyncClient) -> None:
    said = await validate(client)
    [redeemable] = said["redeemables"]

    assert said["valid"] is True
    assert redeemable["status"] == "APPLICABLE"
    assert redeemable["result"]["discount"] == {
        "type": "AMOUNT",
        "amount_off": 500,
        "effect": "APPLY_TO_ORDER",
    }
    assert said["order"]["total_amount"] == 4499
    assert isinstance(said["stacking_rules"], dict)  # the Python client insists


async def test_a_percentage_keeps_its_fraction(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    for version, (basis_points, percent) in enumerate([(1550, 15.5), (2000, 20)], start=2):
        discount = PercentOff(basis_points=basis_points)
        await snapshots.apply(pool, [campaign_changed(version=version, discount=discount)])

        [redeemable] = (await validate(client))["redeemables"]

        assert redeemable["result"]["discount"]["percent_off"] == percent
        assert type(redeemable["result"]["discount"]["percent_off"]) is type(percent)


async def test_asking_takes_nothing(client: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [voucher_changed(version=2, quantity=1)])

    assert [(await validate(client))["valid"] for _ in range(3)] == [True] * 3
    assert await audit(pool) == 0


async def test_a_forecast_is_what_a_redemption_would_say(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [campaign_changed(version=2, per_customer_limit=1)])
    asked: list[dict[str, Any]] = [
        {"redeemables": [{"object": "voucher", "id": "SUMER"}]},
        {},
        {"customer": {"source_id": "anna"}, "order": {"amount": 1, "currency": "USD"}},
        {"customer": {"source_id": "anna"}},
        {"customer": {"source_id": "anna"}},
        {"tracking_id": "bert"},
    ]
    for body in asked:
        said = await validate(client, **body)
        done = await client.post("/v1/redemptions", json=a_body(**body))

        assert said["valid"] == (done.status_code == 200)
        [redeemable] = said["redeemables"]
        if not said["valid"]:
            assert redeemable["status"] == "INAPPLICABLE"
            assert redeemable["result"]["error"]["key"] == done.json()["key"]
            assert redeemable["result"]["error"]["code"] == done.status_code


async def test_codes_after_the_first_that_would_be_refused_are_skipped(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [voucher_changed("OFF", active=False), voucher_changed("LAST")])

    said = await validate(client, "SUMMER", "OFF", "LAST", "NOBODY")

    assert said["valid"] is False
    assert said["order"] is None
    assert [(each["id"], each["status"]) for each in said["redeemables"]] == [
        ("SUMMER", "APPLICABLE"),
        ("OFF", "INAPPLICABLE"),
        ("LAST", "SKIPPED"),
        ("NOBODY", "SKIPPED"),
    ]
    assert said["skipped_redeemables"] == said["redeemables"][2:]
    # What was not judged is not told of: nobody learns which guesses behind a refused code exist.
    [last, nobody] = [each | {"id": ""} for each in said["skipped_redeemables"]]
    assert last == nobody
    assert last["campaign_name"] is last["campaign_id"] is None
    assert await audit(pool) == 0


async def test_a_forecast_of_a_stack_is_what_a_redemption_takes(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(
        pool,
        [
            campaign_changed(version=2, total_limit=2),
            campaign_changed("camp_2", discount=PercentOff(basis_points=1000)),
            voucher_changed("SECOND"),
            voucher_changed("TENTH", "camp_2"),
        ],
    )
    codes = ("SUMMER", "TENTH", "SECOND")

    said = await validate(client, *codes)
    done = (await client.post("/v1/redemptions", json=a_body(*codes))).json()
    after = await validate(client, *codes)

    assert said["valid"] is True
    assert said["order"] == done["order"]
    taken = [each["order"] for each in done["redemptions"]]
    assert [each["order"] for each in said["redeemables"]] == taken
    assert after["redeemables"][0]["result"]["error"]["key"] == "campaign_limit_exceeded"
