"""Rolling back by HTTP, and reading it back."""

from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from kit.redemption_books import audit
from kit.redemption_http import a_body, a_key, proof
from kit.redemption_samples import (
    CAMPAIGN,
    PROJECT,
    campaign_changed,
    project_changed,
    voucher_changed,
)

from contracts.discounts import PercentOff
from contracts.stacking import StackingRules
from contracts.terms import Limit
from redemption.applying import snapshots
from redemption.render.rollback import RollbackBody, RollbacksBody
from redemption.render.shown import ListedRedemption


async def redeemed(client: httpx.AsyncClient, *codes: str, **body: Any) -> dict[str, Any]:
    answer = await client.post("/v1/redemptions", json=a_body(*codes, **body))
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def roll_back(
    client: httpx.AsyncClient, id_: str, *, key: str | None = None, all_: bool = False, **body: Any
) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    path = f"/v1/redemptions/{id_}/rollback" + ("s" if all_ else "")
    return await client.post(path, json=body, headers=headers)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["key"]


async def test_a_redemption_is_rolled_back_and_read_so(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    body = await redeemed(client, amount=4000, customer={"source_id": "anna"})
    [redemption] = body["redemptions"]

    part = await roll_back(client, redemption["id"], amount=1000, reason="one parcel")
    whole = await client.post(f"/v1/redemptions/{redemption['id']}/rollback?reason=the%20other")
    again = await roll_back(client, redemption["id"])

    assert (part.status_code, whole.status_code) == (200, 200)
    for answer in (part, whole):
        msgspec.convert(answer.json(), RollbackBody)
    assert part.json()["order"]["status"] == "PAID"
    assert part.json()["discount_amount"] == 125
    assert whole.json()["order"]["status"] == "CANCELED"
    assert (whole.json()["amount"], whole.json()["reason"]) == (3000, "the other")
    assert refused(again) == (400, "already_rolled_back")
    assert again.json()["resource_id"].startswith("rrf_")
    shown = (await client.get(f"/v1/redemptions/{redemption['id']}")).json()
    assert shown["status"] == "ROLLED_BACK"
    given = shown["related_redemptions"]["rollbacks"]
    assert [(each["id"], each["amount"], each["whole"], each["reason"]) for each in given] == [
        (part.json()["id"], 1000, False, "one parcel"),
        (whole.json()["id"], 3000, True, "the other"),
    ]
    found = (await client.get(f"/v1/redemptions/{part.json()['id']}")).json()
    assert found | part.json() == found | {"order": part.json()["order"]}
    assert found["order"] == part.json()["order"] | {"currency": "EUR"}
    assert await audit(pool) == 1


async def test_lists_hold_rollbacks_and_filters_tell_them_apart(
    client: httpx.AsyncClient,
) -> None:
    [redemption] = (await redeemed(client, customer={"source_id": "anna"}))["redemptions"]
    rollback = (await roll_back(client, redemption["id"], reason="gone")).json()
    await client.post("/v1/redemptions", json=a_body("UNKNOWN"))

    async def ids(query: str) -> list[str]:
        answer = (await client.get(f"/v1/redemptions?{query}")).json()
        msgspec.convert(answer["redemptions"], list[ListedRedemption])
        return [each["id"][:3] for each in answer["redemptions"]]

    assert await ids("") == ["rf_", "rr_", redemption["id"][:3]]
    assert await ids("filters[object][conditions][$is]=redemption_rollback") == ["rr_"]
    assert await ids("filters[object][conditions][$is]=redemption") == ["rf_", redemption["id"][:3]]
    assert await ids("result=SUCCESS&customer=anna") == ["rr_", redemption["id"][:3]]
    assert await ids("result=FAILURE") == ["rf_"]
    listed = (await client.get("/v1/redemptions?customer=anna")).json()["redemptions"]
    assert [each["status"] for each in listed] == ["SUCCEEDED", "ROLLED_BACK"]
    assert (listed[0]["redemption"], listed[0]["reason"]) == (redemption["id"], "gone")
    assert listed[0]["order"]["amount"] == 4999
    of_code = (await client.get("/v1/vouchers/SUMMER/redemption")).json()
    assert (of_code["redeemed_quantity"], of_code["total"]) == (0, 1)
    lines = (await client.get("/v1/redemptions?format=csv&object=x")).json()
    assert lines["key"] == "invalid_query_params"
    csv = (await client.get("/v1/redemptions?format=csv")).text.splitlines()
    assert [line for line in csv if line.startswith(rollback["id"]) and "-49.99" in line]


async def test_a_repeat_gets_the_first_answer_by_either_way(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    [redemption] = (await redeemed(client))["redemptions"]

    first = await roll_back(client, redemption["id"], key="1", reason="gone")
    again = await roll_back(client, redemption["id"], key="1", reason="gone")
    listed = await roll_back(client, redemption["id"], key="1", all_=True, reason="gone")
    other = await roll_back(client, redemption["id"], key="1")

    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert listed.json()["rollbacks"] == [first.json()]
    assert refused(other) == (422, "idempotency_key_reused")
    assert await audit(pool) == 1


async def test_the_one_code_of_several_that_was_redeemed_is_rolled_back_alone(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    rules = StackingRules(mode="PARTIAL")
    ours = project_changed(PROJECT, 2, a_key("key_a", "redemptions"), stacking=rules)
    await snapshots.apply(pool, [ours])
    [redemption] = (await redeemed(client, "NOBODYS", "SUMMER"))["redemptions"]

    alone = await roll_back(client, redemption["id"])

    assert (alone.status_code, alone.json()["redemption"]) == (200, redemption["id"])
    assert await audit(pool) == 1


async def test_several_codes_are_rolled_back_together_or_one_by_one(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [voucher_changed("OTHER")])
    stack = await redeemed(client, "SUMMER", "OTHER")
    parent, [one, two] = stack["parent_redemption"]["id"], stack["redemptions"]

    assert refused(await roll_back(client, parent)) == (400, "invalid_redemption")
    assert refused(await roll_back(client, one["id"])) == (400, "invalid_redemption_parent")
    alone = await roll_back(client, one["id"], all_=True)
    rest = await roll_back(client, parent, all_=True)

    assert "parent_rollback" not in alone.json()
    told = msgspec.convert(rest.json(), RollbacksBody)
    assert [each.redemption for each in told.rollbacks] == [two["id"]]
    found = await client.get(f"/v1/redemptions/{rest.json()['parent_rollback']['id']}")
    assert found.json() == rest.json()["parent_rollback"]
    assert await audit(pool) == 2


async def test_what_codes_have_in_common_tells_what_was_given_back_of_them(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await snapshots.apply(pool, [voucher_changed("OTHER")])
    stack = await redeemed(client, "SUMMER", "OTHER")
    parent, [one, two] = stack["parent_redemption"]["id"], stack["redemptions"]

    async def told() -> tuple[str, list[str], list[str]]:
        found = (await client.get(f"/v1/redemptions/{parent}")).json()
        related = found["related_redemptions"]
        names = [[each["id"] for each in related[of]] for of in ("rollbacks", "redemptions")]
        return found["status"], names[0], names[1]

    both = [one["id"], two["id"]]
    assert await told() == ("SUCCEEDED", [], both)
    first = (await roll_back(client, one["id"], all_=True)).json()["rollbacks"][0]["id"]
    assert await told() == ("SUCCEEDED", [first], both)
    second = (await roll_back(client, parent, all_=True)).json()["rollbacks"][0]["id"]
    assert await told() == ("ROLLED_BACK", [first, second], both)


async def test_an_order_names_the_rollback_that_left_nothing(client: httpx.AsyncClient) -> None:
    body = a_body(amount=5000) | {"order": {"source_id": "order-1", "amount": 5000}}
    [redemption] = (await client.post("/v1/redemptions", json=body)).json()["redemptions"]

    async def shown() -> dict[str, Any]:
        order = (await client.get("/v1/orders/order-1")).json()
        told: dict[str, Any] = order["redemptions"][redemption["id"]]
        return told

    await roll_back(client, redemption["id"], amount=2000)
    partly = await shown()
    rest = (await roll_back(client, redemption["id"])).json()

    assert not partly.keys() & {"rollback_id", "rollback_date"}
    assert await shown() == partly | {"rollback_id": rest["id"], "rollback_date": rest["date"]}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b'{"amount": 0}', "invalid_payload"),
        (b'{"amount": 1.5}', "invalid_payload"),
        (b'{"amount": 5000}', "invalid_rollback_params"),
        (b'{"quantity": 1}', "invalid_payload"),
        (b'{"reason": "a", "reason": "b"}', "invalid_payload"),
        (b'{"order": {"items": []}}', "invalid_payload"),
        (b'{"order": {"items": [{"quantity": 1}]}}', "invalid_payload"),
        (b'{"order": {"items": [{"product_id": "a", "quantity": 0}]}}', "invalid_payload"),
        (b'{"order": {"items": [{"product_id": "a", "quantity": 1}]}}', "invalid_rollback_params"),
        (
            b'{"amount": 1, "order": {"items": [{"product_id": "a", "quantity": 1}]}}',
            "invalid_payload",
        ),
        (b'{"customer": {"source_id": "bert"}}', "invalid_customer"),
        (b'{"order": {"source_id": "order-2"}}', "invalid_order"),
        (b"[]", "invalid_payload"),
    ],
)
async def test_what_cannot_be_given_back_is_refused_by_name(
    client: httpx.AsyncClient, pool: asyncpg.Pool, body: bytes, key: str
) -> None:
    [redemption] = (await redeemed(client, customer={"source_id": "anna"}))["redemptions"]

    answer = await client.post(f"/v1/redemptions/{redemption['id']}/rollback", content=body)

    assert refused(answer) == (400, key)
    assert await audit(pool) == 1


async def test_nothing_is_given_back_to_others(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    [redemption] = (await redeemed(client))["redemptions"]
    path = f"/v1/redemptions/{redemption['id']}/rollback"

    theirs = await client.post(path, headers=proof("key_b"))
    reader = await client.post(path, headers=proof("reader"))
    unknown = await client.post(f"/v1/redemptions/{'x' * 2000}/rollback")
    query = await client.post(f"{path}?force=true")

    assert refused(theirs) == refused(unknown) == (404, "not_found")
    assert reader.status_code == 403
    assert refused(query) == (400, "invalid_query_params")
    assert await audit(pool) == 1


async def test_an_empty_body_and_one_of_a_disabled_campaign_will_do(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    [redemption] = (await redeemed(client))["redemptions"]
    await snapshots.apply(pool, [campaign_changed(CAMPAIGN, 2, active=False)])

    answer = await client.post(
        f"/v1/redemptions/{redemption['id']}/rollback?reason=gone&tracking_id=anna",
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code == 200
    assert (answer.json()["reason"], answer.json()["tracking_id"]) == ("gone", "anna")


@pytest.mark.parametrize("endpoint", ["rollback", "rollbacks"])
@pytest.mark.parametrize(
    "query", ["reason=", "tracking_id=", "reason", "reason=%00", f"tracking_id={'t' * 201}"]
)
async def test_an_empty_word_in_the_query_is_refused_by_its_name(
    client: httpx.AsyncClient, endpoint: str, query: str
) -> None:
    [redemption] = (await redeemed(client))["redemptions"]

    answer = await client.post(f"/v1/redemptions/{redemption['id']}/{endpoint}?{query}")

    assert refused(answer) == (400, "invalid_query_params")
    name = query.partition("=")[0]
    assert answer.json()["message"].startswith(f"Query parameter {name}: ")
    [kept] = (await client.get("/v1/redemptions")).json()["redemptions"]
    assert kept["status"] == "SUCCEEDED"


async def test_units_of_lines_are_rolled_back(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    lines = [
        {"product_id": "tee", "quantity": 2, "amount": 4000},
        {"source_id": "hat-m", "related_object": "sku", "quantity": 1, "amount": 1000},
    ]
    [redemption] = (await redeemed(client, amount=None, order={"items": lines}))["redemptions"]
    one = {"items": [{"product_id": "tee", "quantity": 1}]}

    answer = await roll_back(client, redemption["id"], order=one)
    too_many = await roll_back(
        client, redemption["id"], order={"items": [{"product_id": "tee", "quantity": 2}]}
    )
    rest = await roll_back(
        client,
        redemption["id"],
        order={"items": [one["items"][0], {"sku_id": "hat-m", "quantity": 1}]},
    )

    told = msgspec.convert(answer.json(), RollbackBody)
    assert (told.amount, told.discount_amount, told.whole) == (2000, 200, False)
    assert [(e["product_id"], e["quantity"]) for e in answer.json()["items"]] == [("tee", 1)]
    assert refused(too_many) == (400, "invalid_rollback_params")
    assert (rest.json()["amount"], rest.json()["whole"]) == (3000, True)
    assert await audit(pool) == 1


async def test_the_example_of_the_page(client: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    """docs/redemption.md: 10 % of 80.00, with a budget; 30.00 of it, the rest, and a third time."""
    budget = Limit(of="campaign", what="discount", most=100_00)
    terms: dict[str, Any] = {"discount": PercentOff(basis_points=1000), "limits": (budget,)}
    await snapshots.apply(pool, [campaign_changed(CAMPAIGN, 2, **terms)])
    [redemption] = (await redeemed(client, amount=80_00))["redemptions"]

    async def used() -> list[int]:
        return [
            await pool.fetchval("SELECT used FROM counters WHERE campaign_id = $1", CAMPAIGN),
            await pool.fetchval("SELECT uses FROM vouchers WHERE code = 'SUMMER'"),
        ]

    before = await used()
    part = await roll_back(client, redemption["id"], amount=30_00)
    between = await used()
    rest = await roll_back(client, redemption["id"])
    third = await roll_back(client, redemption["id"])

    assert (part.json()["discount_amount"], rest.json()["discount_amount"]) == (3_00, 5_00)
    assert (before, between, await used()) == ([8_00, 1], [5_00, 1], [0, 0])
    assert refused(third) == (400, "already_rolled_back")
    assert await audit(pool) == 1
