"""A person who is erased is nowhere any more: every column of every table is searched."""

from typing import Any

import asyncpg
import httpx
from kit.redemption_http import a_body
from kit.redemption_samples import campaign_changed, segment_changed, voucher_changed
from kit.rules import a_rule

from redemption.applying import snapshots

MARK = "qzwhowaszq"
WHO: dict[str, Any] = {
    "source_id": f"{MARK}-id",
    "name": f"{MARK} name",
    "email": f"{MARK}@shop.example",
    "metadata": {"note": MARK, MARK: 1},
}
SAID = {"note": MARK, MARK: [MARK]}
ORDER = {
    "amount": 4999,
    "items": [{"product_id": "tee", "amount": 4999, "metadata": SAID}],
    "metadata": SAID,
}
WHERE = {"customers", "customer_profiles", "ledger", "orders", "order_requests", "requests"}


def told(*codes: str, **more: Any) -> dict[str, Any]:
    body = a_body(*codes, customer=WHO, tracking_id=f"{MARK}-visit", metadata=SAID)
    return body | {"order": ORDER | {"source_id": "o-1"}} | more


async def where_it_stands(pool: asyncpg.Pool) -> dict[str, list[str]]:
    """Return the rows of all tables that hold the mark, as text or as bytes."""
    found = {}
    tables = await pool.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    )
    for (table,) in tables:
        rows = await pool.fetch(
            f"""
            SELECT t::text AS row FROM "{table}" AS t
            WHERE t::text LIKE '%' || $1 || '%'
                OR t::text LIKE '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%'
            """,
            MARK,
        )
        if rows:
            found[table] = [row["row"] for row in rows]
    return found


async def test_of_who_is_erased_no_table_holds_a_word(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    for_gold = a_rule(
        a={"name": "customer.metadata", "property": "note", "$is": ["gold"]},
        b={"name": "order.metadata", "property": "note", "$is": ["gold"]},
        c={"name": "redemption.metadata", "property": "note", "$is": ["gold"]},
        d={"name": "order.items.metadata_any", "property": "note", "$is": ["gold"]},
    )
    by_note = a_rule(b={"name": "order.metadata", "property": "note", "$is": ["gold"]})
    by_said = a_rule(c={"name": "redemption.metadata", "property": "note", "$is": ["gold"]})
    told_of: list[Any] = [segment_changed("seg_1")]
    for code, rule in (("GOLD", for_gold), ("NOTE", by_note), ("SAID", by_said)):
        told_of += [
            campaign_changed(f"camp_{code}", rules=(rule,)),
            voucher_changed(code, f"camp_{code}"),
        ]
    told_of += [campaign_changed("camp_2"), voucher_changed("WINTER", "camp_2")]
    await snapshots.apply(pool, told_of)
    made = await client.post(
        "/v1/customers",
        json=WHO | {"phone": MARK, "address": {"city": MARK}, "description": MARK},
    )
    redeemed = await client.post("/v1/redemptions", json=told(), headers=key("r-1"))
    stack = await client.post(
        "/v1/redemptions",
        json=told("SUMMER", "WINTER", order=ORDER | {"source_id": "o-2"}),
        headers=key("r-2"),
    )
    for code in ("GOLD", "NOTE", "SAID", "NONE"):
        await client.post("/v1/redemptions", json=told(code), headers=key(code))
    for n in (3, 4):
        order = ORDER | {"source_id": f"o-{n}", "customer": WHO, "status": "PAID"}
        await client.post("/v1/orders", json=order, headers=key(f"order-{n}"))
    [one] = redeemed.json()["redemptions"]
    back: dict[str, Any] = {"reason": MARK, "tracking_id": MARK, "metadata": SAID, "customer": WHO}
    wanted: list[tuple[str, dict[str, Any]]] = [
        (one["id"], {"amount": 100}),
        (one["id"], {"amount": 9_999_999}),
        (one["id"], {"customer": {"source_id": f"{MARK}-other"}}),
        (one["id"], {"order": {"source_id": "o-9"}}),
        (stack.json()["parent_redemption"]["id"], {}),
    ]
    for n, (id_, more) in enumerate(wanted):
        path = f"/v1/redemptions/{id_}/rollbacks"
        await client.post(path, json=back | more, headers=key(f"back-{n}"))
    assert redeemed.status_code == stack.status_code == made.status_code == 200
    before = await where_it_stands(pool)

    gone = await client.delete(f"/v1/customers/{MARK}-id")

    assert gone.status_code == 204
    assert before.keys() == WHERE
    assert await where_it_stands(pool) == {}


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}
