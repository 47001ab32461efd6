import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from kit.redemption_books import audit
from kit.redemption_deciders import deciding
from kit.redemption_http import a_body, proof
from kit.redemption_samples import CUSTOMER_KEY, a_request, campaign_changed, voucher_changed

from contracts import ids
from contracts.discounts import PercentOff
from redemption.applying import snapshots
from redemption.batches.decider import Decider


async def redeem(
    client: httpx.AsyncClient, *codes: str, key: str | None = None, **body: Any
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return await client.post("/v1/redemptions", json=a_body(*codes, **body), headers=headers)


def as_answered(found: httpx.Response, answered: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a look-up says beyond the answer that was given."""
    body = {name: value for name, value in found.json().items() if name in answered}
    return body | {"order": {name: body["order"][name] for name in answered["order"]}}


async def test_a_code_is_redeemed(client: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    answer = await redeem(client, customer={"source_id": "anna"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    [redemption] = answer.json()["redemptions"]
    assert redemption["result"] == "SUCCESS"
    assert redemption["order"]["total_amount"] == 4499
    assert redemption["customer_id"] == ids.customer(CUSTOMER_KEY, "proj_a", "anna")
    assert await audit(pool) == 1


async def test_the_same_key_and_body_get_the_same_answer_byte_for_byte(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    first, again = await redeem(client, key="1"), await redeem(client, key="1")

    assert again.content == first.content
    assert again.status_code == first.status_code == 200
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert await audit(pool) == 1


async def test_the_same_key_with_another_body_is_never_decided(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await redeem(client, key="1")

    answer = await redeem(client, key="1", amount=1)

    assert answer.status_code == 422
    assert answer.json()["key"] == "idempotency_key_reused"
    assert await audit(pool) == 1


async def test_a_refusal_is_remembered_too(client: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    await snapshots.apply(pool, [campaign_changed(version=2, active=False)])
    first = await redeem(client, key="1")
    await snapshots.apply(pool, [campaign_changed(version=3)])

    again, anew = await redeem(client, key="1"), await redeem(client, key="2")

    assert (first.status_code, first.json()["key"]) == (400, "campaign_inactive")
    assert again.content == first.content
    assert anew.status_code == 200


async def test_malformed_input_is_not_remembered(client: httpx.AsyncClient) -> None:
    malformed = await redeem(client, key="1", amount=-1)

    assert malformed.status_code == 400
    assert (await redeem(client, key="1")).status_code == 200


async def test_without_a_key_every_request_is_a_new_one(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    assert [(await redeem(client)).status_code for _ in range(2)] == [200, 200]
    assert await audit(pool) == 2


@pytest.mark.parametrize("key", ["", "x" * 201], ids=["empty", "too-long"])
async def test_a_key_that_cannot_be_kept_is_refused_by_name(
    client: httpx.AsyncClient, key: str
) -> None:
    answer = await redeem(client, key=key)

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["details"]


async def test_keys_are_read_as_utf_8(client: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    """In Latin-1 each of these ends in what is a blank: they would be one key."""
    keys = ["order-à", "order-í", "order-Å"]
    first, *others = [
        await client.post("/v1/redemptions", json=a_body(), headers={b"Idempotency-Key": sent})
        for sent in [*(key.encode() for key in keys), b"order-\xe0"]
    ]

    assert [each.status_code for each in (first, *others)] == [200, 200, 200, 400]
    assert not any("Idempotent-Replayed" in each.headers for each in others)
    assert "Idempotency-Key" in others[-1].json()["details"]
    kept = await pool.fetch("SELECT key FROM requests")
    assert {row["key"] for row in kept} == {a_request(request_id=key).key for key in keys}


async def test_a_request_is_judged_by_the_moment_at_which_it_was_complete(
    client: httpx.AsyncClient,
) -> None:
    whole = json.dumps(a_body()).encode()
    ended: list[datetime] = []

    async def trickling() -> AsyncIterator[bytes]:
        yield whole[:10]
        await asyncio.sleep(0.02)
        ended.append(datetime.now(UTC))
        yield whole[10:]

    answer = await client.post("/v1/redemptions", content=trickling())

    [redemption] = answer.json()["redemptions"]
    assert datetime.fromisoformat(redemption["date"]) > ended[0] - timedelta(milliseconds=1)


async def test_a_redemption_is_looked_up_as_it_was_answered(client: httpx.AsyncClient) -> None:
    [redemption] = (await redeem(client)).json()["redemptions"]

    found = await client.get(f"/v1/redemptions/{redemption['id']}")
    pasted = await client.get(f"/v1/redemptions/%20{redemption['id']}%C2%A0")
    as_failed = await client.get(f"/v1/redemptions/rf_{redemption['id'].removeprefix('r_')}")

    assert found.status_code == 200
    assert found.json() == pasted.json()
    assert as_answered(found, redemption) == redemption
    assert as_failed.status_code == 404


@pytest.mark.parametrize(
    ("code", "reason"), [("SUMMER", "quantity_exceeded"), ("SUMER", "resource_not_found")]
)
async def test_a_failed_redemption_is_looked_up_with_its_reason(
    client: httpx.AsyncClient, pool: asyncpg.Pool, code: str, reason: str
) -> None:
    await snapshots.apply(pool, [voucher_changed(version=2, quantity=0)])
    refused = (await redeem(client, code)).json()

    found = (await client.get(f"/v1/redemptions/{refused['resource_id']}")).json()

    assert re.fullmatch("rf_[0-9a-f]{32}", found["id"])
    assert (found["result"], found["failure_code"]) == ("FAILURE", reason)
    assert found["voucher"]["code"] == code
    assert found["order"]["amount"] == 4999


async def test_another_projects_code_answers_exactly_like_an_unknown_one(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    theirs = [
        campaign_changed("camp_b", project="proj_b"),
        voucher_changed("THEIRS", "camp_b", project="proj_b"),
    ]
    await snapshots.apply(pool, theirs)  # type: ignore[arg-type]

    known, unknown = await redeem(client, "THEIRS"), await redeem(client, "NOBODY")

    assert known.status_code == unknown.status_code == 404
    assert comparable(known, "THEIRS") == comparable(unknown, "NOBODY")
    owner = await client.post("/v1/redemptions", json=a_body("THEIRS"), headers=proof("key_b"))
    assert owner.status_code == 200


def comparable(answer: httpx.Response, code: str) -> str:
    return re.sub(r"rf_[0-9a-f]{32}", "rf_", answer.text).replace(code, "CODE")


async def test_another_projects_redemption_answers_exactly_like_an_unknown_one(
    client: httpx.AsyncClient,
) -> None:
    [redemption] = (await redeem(client)).json()["redemptions"]
    unknown = "r_" + "0" * 32

    answers = [
        await client.get(f"/v1/redemptions/{id_}", headers=proof("key_b"))
        for id_ in (redemption["id"], unknown, "r_", "%00", "x" * 500)
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["key"] for answer in answers} == {"not_found"}


async def test_a_deadline_that_passes_in_the_queue_is_said_before_anything_happened(
    client: httpx.AsyncClient, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redemption.api.redemptions.DEADLINE_SECONDS", -1)

    answer = await redeem(client)

    assert (answer.status_code, answer.json()["key"]) == (503, "service_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert await audit(pool) == 0


async def test_metadata_makes_another_request_and_how_it_is_spelt_does_not(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    first = await redeem(client, key="1", metadata={"till": 7, "clerk": "x"})
    spelt_differently = await redeem(client, key="1", metadata={"clerk": "x", "till": 7})
    other = await redeem(client, key="1", metadata={"till": 8, "clerk": "x"})

    assert [a.status_code for a in (first, spelt_differently, other)] == [200, 200, 422]
    assert await audit(pool) == 1


async def test_the_same_wish_by_kafka_gets_the_answer_that_was_given_by_http(
    client: httpx.AsyncClient, pool: asyncpg.Pool, decider: Decider
) -> None:
    body = {"customer": {"source_id": "anna"}, "metadata": {"till": 7}}
    answer = await redeem(client, key="1", **body)
    wanted = a_request(amount=4999, customer="anna", metadata={"till": 7}, request_id="1")
    other = a_request(amount=4998, customer="anna", metadata={"till": 7}, request_id="1")

    [same, reused] = await decider.decide([wanted, other])

    assert (same.status, same.body, same.replayed) == (200, answer.content, True)
    assert (reused.status, reused.key_reused) == (422, True)
    assert await audit(pool) == 1


async def test_what_was_decided_by_kafka_is_answered_by_http_from_the_ledger(
    client: httpx.AsyncClient, pool: asyncpg.Pool, redemption_db: str
) -> None:
    await snapshots.apply(pool, [campaign_changed(version=2, name="Then")])
    metadata = {"till": 7, "a": [1.5, {"z": 1, "b": None}]}
    wanted = a_request(
        amount=4999, customer="anna", metadata=metadata, tracking_id="t", request_id="1"
    )
    async with deciding(redemption_db, with_bodies=False) as worker:
        [told] = await worker.decide([wanted])
    await snapshots.apply(pool, [campaign_changed(version=3, name="Now")])

    body = {"customer": {"source_id": "anna"}, "metadata": metadata, "tracking_id": "t"}
    first, again = [await redeem(client, key="1", **body) for _ in range(2)]
    [redemption] = first.json()["redemptions"]
    found = await client.get(f"/v1/redemptions/{redemption['id']}")

    assert (told.status, told.body) == (200, b"")
    assert first.headers["Idempotent-Replayed"] == "true"
    assert first.content == again.content
    assert redemption["voucher"]["campaign"] == "Then"
    assert list(redemption["metadata"].items()) == list(metadata.items())
    assert as_answered(found, redemption) == redemption
    assert await audit(pool) == 1


@pytest.mark.usefixtures("two_codes")
async def test_a_stack_that_was_decided_by_kafka_is_looked_up_by_http(
    client: httpx.AsyncClient, pool: asyncpg.Pool, redemption_db: str
) -> None:
    good = a_request("SUMMER", "TENTH", amount=4999, request_id="1")
    bad = a_request("SUMMER", "NEVER", amount=4999, request_id="2")
    async with deciding(redemption_db, with_bodies=False) as worker:
        await worker.decide([good, bad])

    redeemed = await redeem(client, "SUMMER", "TENTH", key="1")
    refused = await redeem(client, "SUMMER", "NEVER", key="2")
    parent = redeemed.json()["parent_redemption"]
    found = await client.get(f"/v1/redemptions/{parent['id']}")
    lost = await client.get(f"/v1/redemptions/{refused.json()['resource_id']}")
    of_another = await client.get(f"/v1/redemptions/{parent['id']}", headers=proof("key_b"))

    names = [{"id": each["id"]} for each in redeemed.json()["redemptions"]]
    related = {"rollbacks": [], "redemptions": names}
    assert found.json() == parent | {"related_redemptions": related}
    assert parent["order"]["amount"] == 4999
    assert (refused.status_code, refused.json()["order_amount"]) == (404, 4999)
    assert lost.json()["failure_code"] == "resource_not_found"
    assert of_another.status_code == 404
    assert await audit(pool) == 2


async def test_a_tracking_id_comes_back_wherever_the_redemption_does(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [voucher_changed(version=2, quantity=1)])
    redeemed = (await redeem(client, tracking_id="track-7")).json()["redemptions"][0]
    refused = (await redeem(client, tracking_id="track-8")).json()
    forecast = await client.post("/v1/validations", json=a_body(tracking_id="track-9"))

    found = [
        (await client.get(f"/v1/redemptions/{id_}")).json()
        for id_ in (redeemed["id"], refused["resource_id"])
    ]

    assert redeemed["tracking_id"] == "track-7"
    assert [each["tracking_id"] for each in found] == ["track-7", "track-8"]
    assert forecast.json()["tracking_id"] == "track-9"


async def test_a_blank_pasted_with_a_customer_passes_no_limit(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [campaign_changed(version=2, per_customer_limit=1)])

    answers = [
        await redeem(client, " SUMMER\u200b", customer={"source_id": who})
        for who in ("anna", " anna", "anna\u00a0", "\u200banna")
    ]

    keys = ["ok" if a.status_code == 200 else a.json()["key"] for a in answers]
    assert keys == ["ok", *["customer_limit_exceeded"] * 3]
    assert await audit(pool) == 1


async def test_a_blank_around_a_key_makes_no_other_key(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    first, again = await redeem(client, key="k 1"), await redeem(client, key="\tk 1 ")

    assert again.content == first.content
    assert await audit(pool) == 1


async def test_what_was_at_stake_in_a_foreign_currency_is_booked_in_it(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    order = {"order": {"amount": 9999, "currency": "JPY"}}

    refused = (await client.post("/v1/redemptions", json=a_body(amount=None, **order))).json()

    assert (refused["key"], refused["order_amount"]) == ("invalid_order", 9999)
    rows = await pool.fetch("SELECT order_minor, currency FROM ledger")
    assert [tuple(row) for row in rows] == [(9999, "JPY")]
    found = (await client.get(f"/v1/redemptions/{refused['resource_id']}")).json()
    assert (found["order"]["amount"], found["order"]["currency"]) == (9999, "JPY")
    assert await audit(pool) == 0  # the event says the same as the ledger


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
async def test_a_wish_that_we_do_not_know_is_refused_by_name(
    client: httpx.AsyncClient, pool: asyncpg.Pool, path: str
) -> None:
    unknown = await client.post(path, json=a_body(total_limitt=5))
    query = await client.post(f"{path}?expand=order", json=a_body())

    assert (unknown.status_code, unknown.json()["key"]) == (400, "invalid_payload")
    assert "total_limitt" in unknown.json()["details"]
    assert (query.status_code, query.json()["key"]) == (400, "invalid_query_params")
    assert "expand" in query.json()["message"]
    assert await audit(pool) == 0


@pytest.fixture
async def two_codes(pool: asyncpg.Pool) -> None:
    """Beside SUMMER there is TENTH, of another campaign, that takes a tenth off."""
    tenth = campaign_changed("camp_2", discount=PercentOff(basis_points=1000))
    await snapshots.apply(pool, [tenth, voucher_changed("TENTH", "camp_2")])


@pytest.mark.usefixtures("two_codes")
async def test_several_codes_are_redeemed_together(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    answer = await redeem(client, "SUMMER", "TENTH", metadata={"till": 7})

    assert answer.status_code == 200
    body = answer.json()
    assert [each["voucher"]["code"] for each in body["redemptions"]] == ["SUMMER", "TENTH"]
    assert body["order"]["total_amount"] == 4999 - 500 - 450
    assert {each["redemption"] for each in body["redemptions"]} == {body["parent_redemption"]["id"]}
    assert body["parent_redemption"]["metadata"] == {"till": 7}
    assert await audit(pool) == 2


@pytest.mark.usefixtures("two_codes")
async def test_a_stack_is_looked_up_by_its_parent_and_by_each_of_its_codes(
    client: httpx.AsyncClient,
) -> None:
    body = (await redeem(client, "SUMMER", "TENTH")).json()

    for expected in (body["parent_redemption"], *body["redemptions"]):
        found = await client.get(f"/v1/redemptions/{expected['id']}")
        assert (found.status_code, as_answered(found, expected)) == (200, expected)
        theirs = await client.get(f"/v1/redemptions/{expected['id']}", headers=proof("key_b"))
        assert theirs.status_code == 404


@pytest.mark.usefixtures("two_codes")
async def test_a_refused_stack_is_looked_up_code_by_code(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [voucher_changed(version=2, quantity=0)])
    refused = await redeem(client, "TENTH", "SUMMER")
    assert (refused.status_code, refused.json()["key"]) == (400, "quantity_exceeded")

    rows = await pool.fetch("SELECT id FROM ledger ORDER BY code")
    found = [(await client.get(f"/v1/redemptions/rf_{row['id'].hex}")).json() for row in rows]

    assert [(f["voucher"]["code"], f["failure_code"], f["order"]["amount"]) for f in found] == [
        ("SUMMER", "quantity_exceeded", 4999),
        ("TENTH", "stack_refused", 0),
    ]
    assert refused.json()["resource_id"] == found[0]["id"]


async def test_a_lone_redemption_has_no_parent_to_be_found(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await redeem(client)
    key: bytes = await pool.fetchval("SELECT key FROM requests")

    assert (await client.get(f"/v1/redemptions/r_{key.hex()}")).status_code == 404


@pytest.mark.usefixtures("two_codes")
async def test_the_same_key_and_codes_get_the_same_answer_byte_for_byte(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    first = await redeem(client, "SUMMER", "TENTH", key="1")
    again = await redeem(client, "SUMMER", "TENTH", key="1")
    swapped = await redeem(client, "TENTH", "SUMMER", key="1")

    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert swapped.status_code == 422
    assert await audit(pool) == 2


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
async def test_a_code_that_stands_twice_is_refused_before_it_is_judged(
    client: httpx.AsyncClient, pool: asyncpg.Pool, path: str
) -> None:
    answer = await client.post(path, json=a_body("SUMMER", "OTHER", "SUMMER"))

    assert (answer.status_code, answer.json()["key"]) == (400, "duplicated_redeemables")
    assert await audit(pool) == 0


async def test_more_codes_than_thirty_are_refused(client: httpx.AsyncClient) -> None:
    answer = await redeem(client, *(f"C-{number}" for number in range(31)))

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert "redeemables" in answer.json()["details"]


async def test_metadata_comes_back_and_decides_nothing(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    metadata = {"till": 7, "names": ["ä", None, {"deep": 1.5}], "largest": 2**64 - 1}
    answer = await redeem(client, metadata=metadata)
    [redemption] = answer.json()["redemptions"]

    assert redemption["metadata"] == metadata
    found = await client.get(f"/v1/redemptions/{redemption['id']}")
    assert as_answered(found, redemption) == redemption
    await snapshots.apply(pool, [voucher_changed(version=2, quantity=0)])
    refused = (await redeem(client, metadata=metadata)).json()
    lost = (await client.get(f"/v1/redemptions/{refused['resource_id']}")).json()
    assert lost["metadata"] == metadata


async def test_metadata_that_no_database_keeps_is_refused_and_harms_nobody(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    deep = b"[" * 200 + b"]" * 200
    for metadata in (b'{"a": "\\u0000"}', b'{"a": 1' + b"0" * 30 + b"}", b'{"a": ' + deep + b"}"):
        body = json.dumps(a_body()).encode()[:-1] + b', "metadata": ' + metadata + b"}"
        answer = await client.post("/v1/redemptions", content=body)
        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
        assert "$.metadata" in answer.json()["details"]

    assert (await redeem(client)).status_code == 200
    assert await audit(pool) == 1


async def test_the_caller_is_in_the_books(client: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    await redeem(client)

    assert await pool.fetchval("SELECT caller FROM ledger") == "key_a"
