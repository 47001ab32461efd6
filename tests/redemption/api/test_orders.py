"""Orders by HTTP: told, changed, and read again with what was redeemed on them."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest
from kit.redemption_books import audit
from kit.redemption_http import a_body, proof
from kit.redemption_samples import campaign_changed

from contracts.terms import Rollback
from redemption.api import orders
from redemption.applying import snapshots
from redemption.browsing import kept
from redemption.store import order_requests

ORDER: dict[str, Any] = {
    "source_id": "order-1",
    "status": "PAID",
    "items": [{"product_id": "shoe", "quantity": 2, "price": 2500}],
    "customer": {"source_id": "anna", "name": "Anna"},
    "metadata": {"till": 7},
}


async def told(client: httpx.AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await client.post("/v1/orders", json=ORDER | said)
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = answer.json()
    return order


async def test_an_order_is_told_changed_and_read(
    pool: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    made = await told(client)
    put = await client.put("/v1/orders/order-1", json={"status": "FULFILLED"})
    read = (await client.get("/v1/orders/order-1")).json()

    assert put.json() == read
    assert (made["status"], read["status"]) == ("PAID", "FULFILLED")
    assert read | {"updated_at": 0, "status": 0} == made | {"updated_at": 0, "status": 0}
    assert (read["amount"], read["metadata"]) == (5000, {"till": 7})
    assert read["items"] == [
        {
            "object": "order_item",
            "product_id": "shoe",
            "quantity": 2,
            "amount": 5000,
            "metadata": {},
        }
    ]
    assert (read["customer"]["source_id"], read["customer"]["name"]) == ("anna", "Anna")
    assert await audit(pool) == 0


async def test_an_order_without_a_currency_is_shown_in_the_projects(
    client: httpx.AsyncClient,
) -> None:
    made = await told(client)
    read = (await client.get("/v1/orders/order-1")).json()
    listed = (await client.get("/v1/orders")).json()["orders"]

    assert [each["currency"] for each in (made, read, *listed)] == ["EUR"] * 3


@pytest.mark.parametrize("status", ["PAID", "CANCELED"])
async def test_an_order_is_not_created_again_but_the_rest_that_is_told_holds(
    pool: asyncpg.Pool, client: httpx.AsyncClient, status: str
) -> None:
    await told(client, status=status)

    again = await client.put("/v1/orders/order-1", json={"status": "CREATED", "metadata": {"a": 1}})

    assert (again.json()["status"], again.json()["metadata"]) == (status, {"a": 1})
    assert await audit(pool) == 0


async def test_a_redemption_on_an_order_stands_in_it(client: httpx.AsyncClient) -> None:
    body = a_body(amount=4999) | {"customer": {"source_id": "anna"}}
    body["order"] = {"source_id": "order-1", "items": [{"product_id": "p", "amount": 4999}]}

    redeemed = (await client.post("/v1/redemptions", json=body)).json()
    order = (await client.get("/v1/orders/order-1")).json()

    assert [*order["redemptions"]] == [redeemed["redemptions"][0]["id"]]
    assert (order["status"], order["amount"], order["total_amount"]) == ("PAID", 4999, 4499)
    assert [line["product_id"] for line in order["items"]] == ["p"]


async def test_orders_are_listed_by_customer_and_by_page(client: httpx.AsyncClient) -> None:
    for n in range(3):
        await told(client, source_id=f"order-{n}")
    await told(client, source_id="other", customer={"email": "Bert@example.org"})

    async def listed(query: str) -> tuple[list[str], int]:
        body = (await client.get(f"/v1/orders?{query}")).json()
        return [order["id"] for order in body["orders"]], body["total"]

    assert await listed("customer=anna&order=created_at&limit=2") == (["order-0", "order-1"], 3)
    assert await listed("customer=anna&order=created_at&limit=2&page=2") == (["order-2"], 3)
    assert await listed("customer=bert@EXAMPLE.org") == (["other"], 1)
    assert await listed("source_id=other") == (["other"], 1)
    assert (await listed(""))[0][0] == "other"
    await client.put("/v1/orders/order-1", json={"status": "FULFILLED"})
    assert (await listed("order=-updated_at&limit=2"))[0] == ["order-1", "other"]
    assert (await listed("order=updated_at&customer=anna"))[0] == ["order-0", "order-2", "order-1"]


async def test_an_order_without_a_name_is_made_once_for_each_key(client: httpx.AsyncClient) -> None:
    body = {"status": "CREATED", "amount": 1}
    key = {"Idempotency-Key": "cart-1"}

    ids = [(await client.post("/v1/orders", json=body, headers=key)).json()["id"] for _ in "ab"]
    other = (await client.post("/v1/orders", json=body)).json()["id"]

    assert ids[0] == ids[1] != other


async def test_what_is_told_under_a_key_is_told_once_and_answered_alike(
    pool: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": "paid-1"}
    first = await client.post("/v1/orders", json=ORDER, headers=key)
    await client.put("/v1/orders/order-1", json={"status": "CANCELED"})

    again = await client.post("/v1/orders", json=ORDER, headers=key)
    other = await client.post("/v1/orders", json=ORDER | {"status": "FULFILLED"}, headers=key)
    elsewhere = await client.put("/v1/orders/order-1", json={"amount": 1}, headers=key)
    redeemed = await client.post("/v1/redemptions", json=a_body(amount=4999), headers=key)

    assert again.content == first.content
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert "Idempotent-Replayed" not in first.headers
    for refused in (other, elsewhere):
        assert (refused.status_code, refused.json()["key"]) == (422, "idempotency_key_reused")
    assert redeemed.status_code == 200  # an order's key is no redemption's
    assert (await client.get("/v1/orders/order-1")).json()["status"] == "CANCELED"
    assert await audit(pool) == 1


async def test_repeats_while_the_first_is_under_way_get_its_answer(
    pool: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": "paid-1"}

    answers = await asyncio.gather(
        *(client.post("/v1/orders", json=ORDER, headers=key) for _ in range(8))
    )

    assert {(each.status_code, each.content) for each in answers} == {(200, answers[0].content)}
    assert await pool.fetchval("SELECT count(*) FROM order_requests") == 1


async def test_who_repeats_what_was_kept_and_not_answered_is_answered_and_keeps_nothing(
    pool: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": "paid-1"}
    await client.post("/v1/orders", json=ORDER, headers=key)
    await pool.execute("UPDATE order_requests SET body = NULL")  # it died here
    await client.put("/v1/orders/order-1", json={"status": "CANCELED"})

    again, later = [await client.post("/v1/orders", json=ORDER, headers=key) for _ in "ab"]

    assert again.json()["status"] == "CANCELED"
    assert again.content == later.content


async def test_answers_about_orders_forget_who_is_gone(
    pool: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    await client.post("/v1/orders", json=ORDER, headers={"Idempotency-Key": "paid-1"})

    await client.delete("/v1/customers/anna")

    assert await pool.fetchval("SELECT count(*) FROM order_requests WHERE body IS NULL") == 1


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"amount": 4999}, "$.amount"),
        ({"refunded_amount": 5001}, "$.refunded_amount"),
        ({"status": "SHIPPED"}, "$.status"),
        ({"total": 1}, "total"),
        ({"currency": "XXY"}, "$.currency"),
        ({"customer": {"name": "Anna"}}, "$.customer"),
        ({"version": -1}, "$.version"),
    ],
)
async def test_what_is_wrong_is_refused_by_name(
    client: httpx.AsyncClient, said: dict[str, Any], names: str
) -> None:
    answer = await client.post("/v1/orders", json=ORDER | said)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert names in answer.text


async def test_no_more_is_refunded_than_a_known_order_comes_to(client: httpx.AsyncClient) -> None:
    await told(client)

    more = await client.put("/v1/orders/order-1", json={"refunded_amount": 5001})
    of_nothing = await client.post("/v1/orders", json={"source_id": "new", "refunded_amount": 1})
    kept = await client.get("/v1/orders/order-1")
    some = await client.put("/v1/orders/order-1", json={"refunded_amount": 4999})

    for refused in (more, of_nothing):
        assert (refused.status_code, refused.json()["key"]) == (400, "invalid_payload")
        assert "$.refunded_amount" in refused.text
    assert kept.json()["status"] == "PAID"
    assert (some.status_code, some.json()["status"]) == (200, "PAID")


async def test_an_order_that_is_cancelled_in_a_rush_is_rolled_back_when_it_is_told_again(
    client: httpx.AsyncClient, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = Rollback(on_cancelled_order=True)
    await snapshots.apply(pool, [campaign_changed(version=2, rollback=policy)])
    body = a_body(amount=5000) | {"order": {"source_id": "order-1", "amount": 5000}}
    assert (await client.post("/v1/redemptions", json=body)).status_code == 200
    cancelled = {"status": "CANCELED"}

    with monkeypatch.context() as rush:
        rush.setattr(orders, "DEADLINE_SECONDS", 0.0)
        late = await client.put("/v1/orders/order-1", json=cancelled)
    again = await client.put("/v1/orders/order-1", json=cancelled)

    assert (late.status_code, late.headers["Retry-After"]) == (503, "1")
    assert "the order is kept" in late.text
    assert (again.status_code, again.json()["status"]) == (200, "CANCELED")
    assert await pool.fetchval("SELECT count(*) FROM ledger WHERE kind = 'rolled_back'") == 1
    assert await audit(pool) == 1


async def test_nobody_sees_another_projects_orders(client: httpx.AsyncClient) -> None:
    await told(client)

    theirs = await client.get("/v1/orders", headers=proof("key_b"))
    unknown = await client.get("/v1/orders/order-1", headers=proof("key_b"))
    wrong = await client.get("/v1/orders?status=PAID")

    assert (theirs.json()["total"], unknown.status_code) == (0, 404)
    assert wrong.status_code == 400
    assert "status" in wrong.text


async def test_an_answer_that_is_kept_while_somebody_is_erased_does_not_tell_who_it_was(
    pool: asyncpg.Pool, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = order_requests.answer
    erasing: list[asyncio.Task[bool]] = []

    async def answer(conn: Any, key: bytes, body: bytes) -> bytes:
        [(project_id, customer_id)] = await pool.fetch(
            "SELECT project_id, customer_id FROM customers"
        )
        erasing.append(asyncio.create_task(kept.erase(pool, project_id, customer_id)))
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not erasing[0].done() and not await pool.fetchval(waiting):  # noqa: ASYNC110 - Postgres tells of no lock
            await asyncio.sleep(0.01)
        return await keep(conn, key, body)

    monkeypatch.setattr(order_requests, "answer", answer)
    await client.post("/v1/orders", json=ORDER, headers={"Idempotency-Key": "paid-1"})
    assert await erasing[0]

    assert b"Anna" not in (await pool.fetchval("SELECT body FROM order_requests") or b"")
