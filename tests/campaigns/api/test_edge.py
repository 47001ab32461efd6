import re
from typing import Any

import httpx
import pytest
from kit.campaigns_samples import Shop

from campaigns.api.unserved import UNSERVED, Unserved

NO_JSON: dict[str, bytes] = {
    "nothing": b"",
    "half": b"{",
    "no-text": b"\xff\xfe",
    "too-deep": b"[" * 100_000,
    "a-list": b"[]",
    "half-a-character": b'{"name": "\\ud800"}',
    "a-long-number": b'{"hierarchy": ' + b"9" * 5000 + b"}",
    "no-number": b'{"name": "a", "hierarchy": NaN}',
}


async def test_what_is_no_json_of_ours_is_refused(shop: Shop) -> None:
    for name, content in NO_JSON.items():
        answer = await shop.http.post("/v1/categories", content=content, headers=shop.headers)

        assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload"), name


async def test_what_names_nothing_is_not_found(shop: Shop) -> None:
    for path in ("/v1/campaigns/%00", "/v1/vouchers/%ff", "/v1/nothing", "/"):
        answer = await shop.call("GET", path)

        assert (answer.status_code, answer.json()["key"]) == (404, "not_found"), path


async def test_a_wrong_method_is_told(shop: Shop) -> None:
    answer = await shop.call("DELETE", "/v1/campaigns")

    assert (answer.status_code, answer.json()["key"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("unserved", UNSERVED, ids=lambda each: f"{each.method} {each.path}")
async def test_a_path_that_is_not_served_says_what_is(shop: Shop, unserved: Unserved) -> None:
    path = re.sub(r"\{\w+\}", "S%2FUMMER", unserved.path)
    sent: dict[str, Any] = {"params": {"tracking_id": "anna"}} | (
        {"json": {"order": {"amount": 100}}} if unserved.method == "POST" else {}
    )

    of_a_shop = await shop.http.request(unserved.method, path, headers=shop.headers, **sent)
    of_a_stranger = await shop.http.request(unserved.method, path, **sent)

    for answer in (of_a_shop, of_a_stranger):
        assert (answer.status_code, answer.json()["key"]) == (404, "not_served")
        assert answer.json()["details"] == unserved.instead


async def test_the_pages_of_the_api_describe_it(http: httpx.AsyncClient) -> None:
    described = (await http.get("/openapi/campaigns.json")).json()

    assert {"/v1/campaigns", "/v1/vouchers", "/management/v1/projects"} <= set(described["paths"])
    assert (await http.get("/docs/campaigns")).status_code == 200


async def test_health_and_metrics_are_served(shop: Shop) -> None:
    await shop.call("GET", "/v1/campaigns")

    assert (await shop.http.get("/livez")).json()["alive"] is True
    assert (await shop.http.get("/readyz")).json() == {
        "ready": True,
        "dependencies": {"postgres": "ok"},
    }
    page = (await shop.http.get("/metrics")).text
    assert 'http_request_seconds_count{method="GET",role="api",route="/v1/campaigns"' in page
