"""The segments of a customer over HTTP: what a decision at this moment would go by."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
import httpx
import pytest
from kit.redemption_http import a_body
from kit.redemption_samples import CUSTOMER_KEY, PROJECT, segment_changed

from contracts import ids
from contracts.segments import Filter
from redemption.applying import snapshots
from redemption.browsing import members
from redemption.browsing.memberships import facts_of
from redemption.customers.known import KnownCustomer
from redemption.model import CustomerFacts

ANN: Final = ids.customer(CUSTOMER_KEY, PROJECT, "ann")


def filter_of(attribute: str, operator: str, *values: Any) -> Filter:
    condition = {"operator": operator, "values": values}
    criteria = [{"attribute": attribute, "conditions": [condition]}]
    return Filter.model_validate({"criteria": criteria})


@pytest.fixture(autouse=True)
async def defined(pool: asyncpg.Pool) -> None:
    new = filter_of("is_new", "$is", True)
    returning = filter_of("summary.orders.total_count", "$more_than", 0)
    await snapshots.apply(
        pool,
        [
            segment_changed("seg_new", name="New", type="passive", filter=new),
            segment_changed("seg_back", name="Back again", type="passive", filter=returning),
            segment_changed("seg_press", name="Press", members=(ANN,)),
            segment_changed("seg_gone", name="Gone", members=(ANN,)),
            segment_changed("seg_gone", version=2, name="Gone", deleted=True),
            segment_changed("seg_theirs", project="proj_b", members=(ANN,)),
        ],
    )


async def segments_of(client: httpx.AsyncClient, customer: str) -> list[str]:
    answer = await client.get(f"/v1/customers/{customer}/segments")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["object"], body["data_ref"]) == ("list", "data")
    assert body["total"] == len(body["data"])
    assert {each["object"] for each in body["data"]} == {"segment"}
    return [each["name"] for each in body["data"]]


async def test_a_customer_is_named_by_either_id(client: httpx.AsyncClient) -> None:
    assert await segments_of(client, ANN) == ["New", "Press"]
    assert await segments_of(client, "%20ann") == ["New", "Press"]
    assert await segments_of(client, "bob%2Fsmith") == ["New"]


async def test_membership_follows_from_what_a_customer_did(client: httpx.AsyncClient) -> None:
    body = a_body(customer={"source_id": "ann"}, order={"source_id": "o-1", "amount": 5000})
    redeemed = await client.post("/v1/redemptions", json=body)
    assert redeemed.status_code == 200, redeemed.text

    assert await segments_of(client, "ann") == ["Back again", "Press"]


async def test_nothing_else_is_asked(client: httpx.AsyncClient) -> None:
    path = "/v1/customers/ann/segments"

    unknown = await client.get(path, params={"limit": 5})
    blank = await client.get("/v1/customers/%20/segments")

    assert (unknown.status_code, unknown.json()["key"]) == (400, "invalid_query_params")
    assert blank.status_code == 404


async def members_of(client: httpx.AsyncClient, segment: str, **asked: Any) -> dict[str, Any]:
    answer = await client.get("/v1/customers", params={"segment_id": segment} | asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["counted_at"] is not None
    return body


def named(body: dict[str, Any]) -> list[str]:
    return [each["source_id"] for each in body["customers"]]


async def buy(client: httpx.AsyncClient, *customers: str) -> None:
    for each in customers:
        body = a_body(customer={"source_id": each}, order={"source_id": f"o-{each}", "amount": 1})
        assert (await client.post("/v1/redemptions", json=body)).status_code == 200


async def test_who_is_in_a_segment_now_is_listed_and_counted(client: httpx.AsyncClient) -> None:
    for each in ("ann", "bob"):
        await client.post("/v1/customers", json={"source_id": each})
    assert named(await members_of(client, "seg_new")) == ["bob", "ann"]
    assert (await members_of(client, "seg_back"))["total"] == 0

    await buy(client, "ann", "cleo")

    assert named(await members_of(client, "seg_new")) == ["bob"]
    assert named(await members_of(client, "seg_back", order="created_at")) == ["ann", "cleo"]
    assert named(await members_of(client, "seg_press")) == ["ann"]


async def test_they_come_page_by_page(client: httpx.AsyncClient) -> None:
    await buy(client, *"abcde")
    await client.post("/v1/customers", json={"source_id": "new"})

    async def page(**asked: Any) -> tuple[list[str], int, bool]:
        found = await members_of(client, "seg_back", order="created_at", limit=2, **asked)
        return named(found), found["total"], found["has_more"]

    assert await page() == (["a", "b"], 5, True)
    assert await page(page=3) == (["e"], 5, False)
    assert await page(page=9) == ([], 5, False)
    b, c = (ids.customer(CUSTOMER_KEY, PROJECT, each) for each in "bc")
    assert await page(starting_after=b) == (["c", "d"], 5, True)
    assert await page(starting_after=c) == (["d", "e"], 5, False)
    assert await page(starting_after="cust_nobody") == ([], 5, False)
    assert await page(starting_after="2020-01-01") == (["a", "b"], 5, True)
    assert await page(starting_after="2199-01-01") == ([], 5, False)


async def test_who_stands_past_a_moment_begins_the_next_page(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await buy(client, *"abc")
    first = datetime(2026, 11, 23, 12, tzinfo=UTC)
    for n, each in enumerate("abc"):
        at = first + n * timedelta(microseconds=1500)
        customer = ids.customer(CUSTOMER_KEY, PROJECT, each)
        await pool.execute(
            "UPDATE customers SET created_at = $2 WHERE customer_id = $1", customer, at
        )

    async def page(after: str, order: str) -> list[str]:
        return named(await members_of(client, "seg_back", order=order, starting_after=after))

    assert await page("2026-11-23T12:00:00.001Z", "created_at") == ["c"]
    assert await page("2026-11-23T12:00:00.001Z", "-created_at") == ["a"]


async def test_a_guests_segments_are_found_by_the_e_mail_in_any_letters(
    client: httpx.AsyncClient,
) -> None:
    body = a_body(customer={"email": "Gast@shop.example"}, order={"source_id": "o-1", "amount": 1})
    assert (await client.post("/v1/redemptions", json=body)).status_code == 200

    found = [
        (await client.get(f"/v1/customers/{each}/segments")).json()
        for each in ("gast@shop.example", "GAST@Shop.example")
    ]

    assert found[0] == found[1]
    assert "seg_back" in [each["id"] for each in found[1]["data"]]


@pytest.mark.parametrize("segment", ["seg_theirs", "seg_gone", "seg_none"])
async def test_what_is_no_segment_of_ours_is_unknown(
    client: httpx.AsyncClient, segment: str
) -> None:
    assert (await client.get(f"/v1/customers?segment_id={segment}")).status_code == 404


async def test_a_segment_is_asked_for_alone(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/customers?segment_id=seg_new&email=ann@shop.example")

    assert answer.status_code == 400
    assert "email" in answer.text
    plain = (await client.get("/v1/customers")).json()
    assert "counted_at" not in plain


async def test_others_have_their_turns_while_customers_are_judged(
    client: httpx.AsyncClient, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pool.execute(
        """
        INSERT INTO customers (project_id, customer_id, created_at, seen_at, revision)
        SELECT $1, 'cust_' || lpad(n::text, 24, '0'), now(), now(), 1
        FROM generate_series(1, 500) AS n
        """,
        PROJECT,
    )
    turn, judged = 0, Counter[int]()

    async def others() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    def judging(known: KnownCustomer, at: datetime) -> CustomerFacts:
        judged[turn] += 1
        return facts_of(known, at)

    monkeypatch.setattr(members, "facts_of", judging)
    waiting = asyncio.create_task(others())
    found = await members_of(client, "seg_new")
    waiting.cancel()

    assert found["total"] == sum(judged.values()) == 500
    assert max(judged.values()) <= 200


async def test_what_takes_too_long_is_said(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "PATIENCE_SECONDS", 0.0)

    answer = await client.get("/v1/customers?segment_id=seg_new")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


async def test_a_redemption_is_listed_and_exported_with_its_segments(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    told = segment_changed("seg_press", version=2, members=(ANN,), in_reports=True)
    await snapshots.apply(pool, [told])
    await buy(client, "ann", "bob")

    listed = (await client.get("/v1/redemptions")).json()["redemptions"]
    export = (await client.get("/v1/customers/ann/export")).json()

    assert [each.get("segment_ids") for each in listed] == [None, ["seg_press"]]
    assert [each["segment_ids"] for each in export["redemptions"]] == [["seg_press"]]
