"""What is another project's is there for nobody else, by whatever id it is asked for."""

import re
from typing import Any

import asyncpg
import httpx
import pytest
from kit.redemption_http import a_body, proof
from kit.redemption_samples import campaign_changed, voucher_changed

from redemption.applying import snapshots

OTHERS = proof("key_b")
BERT = {"source_id": "canary-bert", "email": "bert@canary.example", "name": "Bert Canary"}
KEPT = ("ledger", "requests", "orders", "order_requests", "customers", "customer_profiles")
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("put", "/v1/customers/{customer}"): {"name": "Mine"},
    ("put", "/v1/orders/{order}"): {"amount": 1},
}
CHANCE = re.compile(r"rrf_[0-9a-f]{32}|v-[0-9a-f]{18}")  # of a refusal, of a request


@pytest.fixture
async def theirs(client: httpx.AsyncClient, pool: asyncpg.Pool) -> list[str]:
    """What all is called that another project has."""
    campaigns = [campaign_changed(id_, project="proj_b") for id_ in ("camp_b", "camp_c")]
    codes = [
        voucher_changed("THEIRS", "camp_b", project="proj_b"),
        voucher_changed("TOO", "camp_c", project="proj_b"),
    ]
    await snapshots.apply(pool, [*campaigns, *codes])

    async def said(method: str, path: str, body: Any = None) -> Any:
        return (await client.request(method, path, json=body, headers=OTHERS)).json()

    one = await said("POST", "/v1/redemptions", of_bert("1", "THEIRS"))
    two = await said("POST", "/v1/redemptions", of_bert("2", "THEIRS", "TOO"))
    refused = await said("POST", "/v1/redemptions", of_bert("3", "NONE"))
    [alone], [first, _] = one["redemptions"], two["redemptions"]
    back = await said("POST", f"/v1/redemptions/{alone['id']}/rollbacks", {"amount": 100})
    customer = await said("GET", "/v1/customers/canary-bert")
    order = await said("GET", "/v1/orders/canary-1")
    return [
        alone["id"],
        first["id"],
        two["parent_redemption"]["id"],
        refused["resource_id"],
        back["rollbacks"][0]["id"],
        customer["id"],
        BERT["source_id"],
        BERT["email"],
        order["id"],
        "THEIRS",
        "v_THEIRS",
        "camp_b",
    ]


def of_bert(order: str, *codes: str) -> dict[str, Any]:
    return a_body(*codes) | {
        "customer": BERT,
        "order": {"source_id": f"canary-{order}", "amount": 4999},
    }


async def test_whatever_is_anothers_answers_like_what_nobody_has(
    client: httpx.AsyncClient, pool: asyncpg.Pool, theirs: list[str]
) -> None:
    before = await kept(pool)
    paths = (await client.get("/openapi/redemption.json")).json()["paths"]
    asked = 0
    for path, methods in paths.items():
        if "{" not in path:
            continue
        for method in methods:
            body = BODIES.get((method, path))
            unknown = await tell(client, method, path, "nobodys", body)
            for each in theirs:
                assert await tell(client, method, path, each, body) == unknown, (method, path, each)
                asked += 1

    assert asked > 12 * len(theirs)
    assert await kept(pool) == before


async def tell(
    client: httpx.AsyncClient, method: str, path: str, name: str, body: Any
) -> tuple[int, str]:
    url = re.sub(r"\{[^}]+\}", name, path)
    answer = await client.request(method, url, json=body)
    return answer.status_code, CHANCE.sub("…", answer.text.replace(name, "…"))


async def kept(pool: asyncpg.Pool) -> str:
    """Write down all that there is of the other project."""
    return repr([await pool.fetch(f"SELECT * FROM {t} WHERE project_id = 'proj_b'") for t in KEPT])


async def test_lists_that_ask_for_what_is_anothers_are_empty(
    client: httpx.AsyncClient, theirs: list[str]
) -> None:
    paths = (await client.get("/openapi/redemption.json")).json()["paths"]
    asked = 0
    for path in ("/v1/redemptions", "/v1/customers", "/v1/orders"):
        for parameter in paths[path]["get"]["parameters"]:
            for each in theirs if parameter["in"] == "query" else ():
                answer = await client.get(path, params={parameter["name"]: each})
                told = answer.json()
                if answer.status_code == 200:
                    assert told[told["data_ref"]] == [], answer.text
                else:
                    assert answer.status_code in {400, 404}, answer.text
                asked += 1
    assert asked > 20 * len(theirs)


async def test_a_cursor_that_is_anothers_or_made_up_is_refused(
    client: httpx.AsyncClient, theirs: list[str]
) -> None:
    assert theirs
    page = (await client.get("/v1/redemptions?limit=1", headers=OTHERS)).json()
    cursor = page["more_cursor"]
    made_up = ["x", "é", "\0", "=", "a" * 5000, cursor[:-2], f"{cursor}AA", cursor.swapcase()]

    for each in (cursor, *made_up):
        answer = await client.get("/v1/redemptions", params={"cursor": each})
        assert answer.status_code == 400, each
        assert answer.json()["key"] == "invalid_query_params"
