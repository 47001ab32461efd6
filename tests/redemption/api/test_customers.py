"""Customers by HTTP: told, read with what they did, exported, erased."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from kit.chance import without_chance
from kit.redemption_books import audit
from kit.redemption_http import a_body
from kit.redemption_samples import campaign_changed, voucher_changed

from redemption.applying import snapshots
from redemption.store import erasing, showing

ANNA = {
    "source_id": "anna",
    "name": "Anna",
    "email": "Anna@Example.org",
    "phone": "+49 30 1",
    "address": {"city": "Berlin"},
    "metadata": {"tier": "gold"},
}


def redemption(order: str) -> dict[str, object]:
    body = a_body(amount=4999, tracking_id="anna", metadata={"till": 7})
    return body | {
        "customer": {"source_id": "anna"},
        "order": {"source_id": order, "amount": 4999},
    }


async def test_a_customer_is_told_changed_and_found_by_every_name(
    client: httpx.AsyncClient,
) -> None:
    made = (await client.post("/v1/customers", json=ANNA)).json()
    put = await client.put(
        f"/v1/customers/{made['id']}", json={"name": "Ann", "metadata": {"age": 41}}
    )

    by_id, by_source = [
        (await client.get(f"/v1/customers/{name}")).json() for name in (made["id"], "anna")
    ]
    listed = (await client.get("/v1/customers?email=anna@example.org")).json()

    assert put.json() == by_id == by_source == listed["customers"][0]
    assert (by_id["name"], by_id["email"], by_id["phone"]) == (
        "Ann",
        "anna@example.org",
        "+49 30 1",
    )
    assert by_id["metadata"] == {"tier": "gold", "age": 41}
    assert by_id["address"] == {"city": "Berlin"}
    assert (listed["total"], listed["has_more"]) == (1, False)
    assert (await client.get("/v1/customers/bert")).status_code == 404


async def test_no_more_is_kept_of_a_customer_than_is_allowed(client: httpx.AsyncClient) -> None:
    many = {f"p{n}": n for n in range(100)}
    made = await client.post("/v1/customers", json=ANNA | {"metadata": many})
    more = await client.put("/v1/customers/anna", json={"metadata": {"tier": "gold"}})
    body = a_body(amount=4999) | {"customer": {"source_id": "anna", "metadata": {"tier": "gold"}}}
    too_many = await client.post(
        "/v1/redemptions", json=body | {"customer": {"source_id": "b", "metadata": many | {"x": 1}}}
    )
    redeemed = await client.post("/v1/redemptions", json=body)
    kept = (await client.get("/v1/customers/anna")).json()["metadata"]

    assert made.status_code == redeemed.status_code == 200
    assert (more.status_code, more.json()["key"]) == (400, "invalid_payload")
    assert "$.metadata" in more.text
    assert too_many.status_code == 400
    assert "customer.metadata has 101 properties" in too_many.text
    assert (kept.pop("tier"), len(kept)) == ("gold", 99)


async def seen(client: httpx.AsyncClient, pool: asyncpg.Pool, *customers: str) -> list[str]:
    """Make customers first seen at noon, a millisecond and a half after each other."""
    found = []
    for n, each in enumerate(customers):
        made = (await client.post("/v1/customers", json={"source_id": each})).json()
        at = datetime(2026, 11, 23, 12, tzinfo=UTC) + n * timedelta(microseconds=1500)
        changed = at + timedelta(days=len(customers) - n)
        await pool.execute(
            "UPDATE customers SET created_at = $2, seen_at = $3 WHERE customer_id = $1",
            made["id"],
            at,
            changed,
        )
        found.append(made["id"])
    return found


async def listed(client: httpx.AsyncClient, **asked: Any) -> tuple[list[str], int]:
    body = (await client.get("/v1/customers", params=asked)).json()
    return [each["source_id"] for each in body["customers"]], body["total"]


@pytest.mark.parametrize("order", ["created_at", "-created_at"])
async def test_customers_are_gone_through_by_when_the_last_one_was_created(
    client: httpx.AsyncClient, pool: asyncpg.Pool, order: str
) -> None:
    await seen(client, pool, *"abcde")
    gone_through: list[str] = []
    asked: dict[str, Any] = {"limit": 2, "order": order}
    for _ in range(3):
        body = (await client.get("/v1/customers", params=asked)).json()
        gone_through += [each["source_id"] for each in body["customers"]]
        assert body["total"] == 5
        asked["starting_after"] = body["customers"][-1]["created_at"]
        assert body["has_more"] == (len(gone_through) < 5)

    assert gone_through == sorted("abcde", reverse=order.startswith("-"))


async def test_customers_are_narrowed_by_moments_and_ordered_by_what_they_have(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    await seen(client, pool, *"abc")

    after = {"created_at[after]": "2026-11-23T12:00:00Z"}
    assert await listed(client, **after) == (["c", "b"], 2)
    before = {"created_at[before]": "2026-11-23T12:00:00.003Z"}
    assert await listed(client, **after, **before) == (["b"], 1)
    assert await listed(client, **{"updated_at[before]": "2026-11-26"}) == (["c", "b"], 2)
    assert await listed(client, order="updated_at") == (["c", "b", "a"], 3)
    assert await listed(client, order="-updated_at", limit=1, page=2) == (["b"], 3)
    assert await listed(client, order="-source_id") == (["c", "b", "a"], 3)
    assert await listed(client, order="source_id", name="nobody") == ([], 0)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("order=name", "order: known are"),
        ("order=updated_at", "order: 3 match"),
        ("order=source_id&starting_after=cust_1", "starting_after: goes with order=created_at"),
        ("starting_after=yesterday", "starting_after: send an instant"),
        ("created_at[after]=yesterday", "created_at[after]: send an instant"),
        ("created_at=2026-11-23", "created_at: is unknown"),
        ("segment_id=seg_1&order=source_id", "order: is not asked together with segment_id"),
        ("segment_id=seg_1&updated_at[after]=2026-11-23", "updated_at[after]: is not asked"),
    ],
)
async def test_what_is_wrong_with_a_list_of_customers_is_said_by_name(
    client: httpx.AsyncClient,
    pool: asyncpg.Pool,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    named: str,
) -> None:
    monkeypatch.setattr(showing, "MOST_SORTED", 2)
    await seen(client, pool, *"abc")

    answer = await client.get(f"/v1/customers?{query}")

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
    assert named in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Anna"}, "$"),
        ({"source_id": "anna", "email": "anna"}, "$.email"),
        ({"source_id": "\u200b"}, "$.source_id"),
    ],
)
async def test_what_is_wrong_with_a_customer_is_told_at_its_own_field(
    client: httpx.AsyncClient, body: dict[str, str], field: str
) -> None:
    answer = await client.post("/v1/customers", json=body)
    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert f"`{field}`" in answer.json()["details"]


async def test_a_guest_is_found_by_the_e_mail(client: httpx.AsyncClient) -> None:
    made = (await client.post("/v1/customers", json={"email": "Guest@example.org"})).json()

    found = await client.get("/v1/customers/guest@Example.org")

    assert found.json()["id"] == made["id"]
    assert made["source_id"] is None


async def test_a_customer_shows_what_they_did(
    pool: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    for order in ("1", "2"):
        await client.post("/v1/redemptions", json=redemption(order))
    await client.post("/v1/redemptions", json=redemption("3") | a_body("NONE"))
    paid = {"source_id": "4", "status": "PAID", "amount": 1, "customer": {"source_id": "anna"}}
    await client.post("/v1/orders", json=paid)

    summary = (await client.get("/v1/customers/anna")).json()["summary"]

    assert summary["redemptions"] == {
        "total_redeemed": 2,
        "total_succeeded": 2,
        "total_failed": 1,
        "total_rolled_back": 0,
    }
    orders = summary["orders"]
    assert (orders["total_count"], orders["total_amount"], orders["last_order_amount"]) == (
        3,
        9999,
        1,
    )
    assert await audit(pool) == 2


async def test_the_person_goes_and_the_figures_stay(
    pool: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    made = (await client.post("/v1/customers", json=ANNA)).json()
    await client.post("/v1/redemptions", json=redemption("1"))
    told = (await client.get("/v1/customers/anna/export")).json()

    gone = await client.post(f"/v1/customers/{made['id']}/permanent-deletion")
    left = (await client.get(f"/v1/customers/{made['id']}/export")).json()

    assert (told["redemptions"][0]["tracking_id"], told["customer"]["name"]) == ("anna", "Anna")
    assert [order["id"] for order in told["orders"]] == ["1"]
    assert (gone.json()["status"], gone.json()["related_object_id"]) == ("DONE", made["id"])
    kept = left["customer"]
    assert [kept[name] for name in ("source_id", "name", "email", "phone", "address")] == [None] * 5
    assert (kept["metadata"], kept["summary"]) == ({}, told["customer"]["summary"])
    assert [each["tracking_id"] for each in left["redemptions"]] == [None]
    assert b"Anna" not in repr(await pool.fetch("SELECT * FROM requests")).encode()
    assert await audit(pool) == 1
    assert (await client.delete("/v1/customers/bert")).status_code == 404
    assert (await client.delete("/v1/customers/anna")).status_code == 204


async def test_who_was_only_refused_is_exported_and_forgotten_too(
    pool: asyncpg.Pool, client: httpx.AsyncClient
) -> None:
    await client.post("/v1/redemptions", json=redemption("1") | a_body("NONE"))
    await pool.execute("UPDATE ledger SET tracking_id = 'anna-7', metadata = '{\"till\": 7}'")

    told = (await client.get("/v1/customers/anna/export")).json()
    gone = await client.delete("/v1/customers/anna")
    left = (await client.get("/v1/customers/anna/export")).json()
    again = await client.post("/v1/customers/anna/permanent-deletion")

    assert (told["customer"], told["orders"]) == (None, [])
    assert told["redemptions"][0]["tracking_id"] == "anna-7"
    assert (gone.status_code, again.status_code) == (204, 200)
    assert (left["redemptions"][0]["tracking_id"], left["redemptions"][0]["metadata"]) == (None, {})
    assert await pool.fetchval("SELECT count(*) FROM requests WHERE body IS NOT NULL") == 0
    assert (await client.get("/v1/customers/anna")).status_code == 404


@pytest.mark.parametrize("codes", [("SUMMER",), ("SUMMER", "WINTER")])
async def test_a_rollback_and_lines_tell_nothing_of_who_is_gone(
    pool: asyncpg.Pool, client: httpx.AsyncClient, codes: tuple[str, ...]
) -> None:
    await snapshots.apply(pool, [campaign_changed("camp_w"), voucher_changed("WINTER", "camp_w")])
    customer = {"customer": {"source_id": "anna"}}
    redeemed = (await client.post("/v1/redemptions", json=a_body(*codes) | customer)).json()
    of = redeemed["parent_redemption" if len(codes) > 1 else "redemptions"]
    path = f"/v1/redemptions/{of['id'] if isinstance(of, dict) else of[0]['id']}/rollbacks"
    sent = {"reason": "anna moved", "tracking_id": "anna", "metadata": {"of": "anna"}}
    key = {"Idempotency-Key": "back-1"}
    first = await client.post(path, json=sent, headers=key)
    lines = [
        {"product_id": "tee", "amount": 2, "quantity": 2, "metadata": {"print": "anna"}},
        {"product_id": "hat", "amount": 1},
    ]
    await client.post("/v1/orders", json={"source_id": "9", "items": lines} | customer)

    assert (await client.delete("/v1/customers/anna")).status_code == 204
    again = await client.post(path, json=sent, headers=key)
    order = (await client.get("/v1/orders/9")).json()

    assert "anna moved" in first.text
    assert again.status_code == first.status_code == 200
    assert "anna" not in without_chance(again.text)
    assert [each["id"] for each in again.json()["rollbacks"]] == [
        each["id"] for each in first.json()["rollbacks"]
    ]
    for table in ("ledger", "requests", "orders"):
        rows = repr(await pool.fetch(f"SELECT * FROM {table}"))
        assert "anna" not in without_chance(rows)
    assert [each["product_id"] for each in order["items"]] == ["tee", "hat"]
    assert (order["items"][0]["quantity"], order["items"][0]["metadata"]) == (2, {})


async def test_what_is_redeemed_while_somebody_is_erased_is_forgotten_too(
    pool: asyncpg.Pool, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.post("/v1/redemptions", json=redemption("1"))
    erase, late = erasing.erase_from_ledger, a_body(tracking_id="anna")
    late |= {"customer": {"source_id": "anna"}}  # of whom nothing is said, which waits for nobody

    async def overtaken(conn: Any, entries: Sequence[UUID]) -> None:
        if await pool.fetchval("SELECT count(*) FROM ledger") == 1:
            assert (await client.post("/v1/redemptions", json=late)).status_code == 200
        await erase(conn, entries)

    monkeypatch.setattr(erasing, "erase_from_ledger", overtaken)
    assert (await client.delete("/v1/customers/anna")).status_code == 204

    rows = await pool.fetch("SELECT tracking_id FROM ledger")
    assert [row["tracking_id"] for row in rows] == [None, None]


async def test_all_that_is_said_of_a_customer_is_kept_together(
    pool: asyncpg.Pool, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:
        raise asyncpg.DataError("it cannot be kept")

    monkeypatch.setattr(showing, "put_details", fails)
    assert (await client.post("/v1/customers", json=ANNA)).status_code == 500

    assert await pool.fetchval("SELECT count(*) FROM customers") == 0
