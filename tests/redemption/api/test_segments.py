"""The segments of a customer over HTTP: what a decision at this moment would go by."""

from typing import Any, Final

import asyncpg
import httpx
import pytest
from kit.redemption_http import a_body
from kit.redemption_samples import CUSTOMER_KEY, PROJECT, segment_changed

from contracts import ids
from contracts.segments import Filter
from redemption import snapshots

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
