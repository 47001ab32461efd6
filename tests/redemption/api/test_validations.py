from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from kit.redemption_books import audit
from kit.redemption_http import a_body
from kit.redemption_samples import ZONE, campaign_changed, voucher_changed

from contracts.discounts import PercentOff
from contracts.terms import Limit
from redemption.applying import snapshots


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


MONDAY = "2028-11-27T09:00:00+01:00"
TUESDAY = "2028-11-28T00:00:00+01:00"


async def test_another_moment_is_judged_by_the_projects_clock(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    starts, ends = datetime(2028, 11, 1, tzinfo=UTC), datetime(2028, 12, 1, tzinfo=UTC)
    mondays = campaign_changed(version=2, weekdays=(1,), starts_at=starts, ends_at=ends)
    await snapshots.apply(pool, [mondays])

    async def asked(at: str | None) -> tuple[str | None, Any]:
        [redeemable] = (await validate(client, at=at))["redeemables"]
        error = redeemable["result"].get("error", {})
        return error.get("key"), error.get("would_pass")

    assert await asked(MONDAY) == (None, None)
    # Monday begins in Berlin while it is Sunday in UTC, and the next one is past the end.
    opens = {"opens_at": "2028-11-26T23:00:00.000Z"}
    assert await asked("2028-11-26T22:59:59Z") == ("voucher_not_active_now", opens)
    assert await asked("2028-11-26T23:00:00Z") == (None, None)
    assert await asked(TUESDAY) == ("voucher_not_active_now", None)
    assert (await asked("2028-10-30T09:00:00Z"))[0] == "voucher_not_active"
    assert (await asked("2028-12-04T09:00:00Z"))[0] == "voucher_expired"
    assert (await asked(None))[0] == "voucher_not_active"


async def test_a_limit_per_day_is_of_the_day_that_is_asked_about(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    once_a_day = (Limit(of="campaign", per="day", most=1),)
    await snapshots.apply(pool, [campaign_changed(version=2, limits=once_a_day)])
    redeemed = await client.post("/v1/redemptions", json=a_body())
    then = datetime.fromisoformat(redeemed.json()["redemptions"][0]["date"])

    today = await validate(client, at=then.isoformat())
    in_two_days = await validate(client, at=(then + timedelta(days=2)).isoformat())

    [refused] = today["redeemables"]
    assert refused["result"]["error"]["key"] == "period_limit_exceeded"
    would_pass = refused["result"]["error"]["would_pass"]
    next_day = then.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=1)
    midnight = datetime.combine(next_day, time.min, ZoneInfo(ZONE))
    assert datetime.fromisoformat(would_pass.pop("resets_at")) == midnight
    assert would_pass == {"limit": 1, "uses_left": 0}
    assert in_two_days["valid"] is True
    assert await audit(pool) == 1


async def test_switches_and_uses_are_judged_by_now_whatever_moment_is_asked_about(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(
        pool, [voucher_changed(version=2, quantity=0), voucher_changed("OFF", active=False)]
    )

    used_up, off = [
        (await validate(client, code, at=MONDAY))["redeemables"][0] for code in ("SUMMER", "OFF")
    ]

    assert used_up["result"]["error"]["key"] == "quantity_exceeded"
    assert off["result"]["error"]["key"] == "voucher_disabled"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        pytest.param("2028-11-27T09:00:00", "timezone", id="no-zone"),
        pytest.param("2028-11-27", "datetime", id="a-day"),
        pytest.param("tomorrow", "datetime", id="no-moment"),
        pytest.param(1_858_000_000, "datetime", id="a-number"),
        pytest.param("1969-12-31T23:59:59Z", "1970", id="too-early"),
        pytest.param("9999-12-31T23:59:59-12:00", "2199", id="beyond-the-calendar"),
    ],
)
async def test_a_moment_that_is_none_is_refused_by_name(
    client: httpx.AsyncClient, at: object, said: str
) -> None:
    answer = await client.post("/v1/validations", json=a_body(at=at))

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert "$.at" in answer.json()["details"]
    assert said in answer.json()["details"]


async def test_a_redemption_may_name_no_moment(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    answer = await client.post("/v1/redemptions", json=a_body(at=MONDAY))

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert answer.json()["details"] == "`$.at`: only a validation may name a moment"
    assert await audit(pool) == 0
