"""What every request meets: who asks, what is wrong with it, and never a stack trace."""

import json
import threading
from typing import Any

import asyncpg
import httpx
import pytest
from kit.patience import until
from kit.redemption_http import a_body, a_key, proof, serving
from kit.redemption_samples import project_changed

from redemption.api import reading
from redemption.api.reading import LONG_BODY
from redemption.app import LARGEST_BODY
from redemption.applying import snapshots

ROUTES = [
    pytest.param("POST", "/v1/redemptions", id="redeem"),
    pytest.param("POST", "/v1/validations", id="validate"),
    pytest.param("GET", "/v1/redemptions/r_" + "0" * 32, id="look-up"),
]


def is_error_object(answer: httpx.Response) -> bool:
    body = answer.json()
    return bool(
        body["code"] == answer.status_code
        and body.keys() - {"details"} == {"code", "key", "message", "request_id"}
        and body["request_id"] == answer.headers["X-Request-Id"]
    )


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-App-Id": "", "X-App-Token": ""}, id="nothing"),
        pytest.param({"X-App-Token": ""}, id="no-secret"),
        pytest.param({"X-App-Token": "guessed"}, id="wrong-secret"),
        pytest.param({"X-App-Id": "unknown"}, id="unknown-key"),
        pytest.param({"X-App-Id": "key_b"}, id="another-projects-key-with-our-secret"),
        pytest.param({"X-App-Token": "\xff"}, id="not-even-text"),
    ],
)
async def test_who_cannot_prove_a_key_is_told_nothing(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    latin = {name.encode(): value.encode("latin-1") for name, value in headers.items()}

    answer = await client.request(method, path, json=a_body(), headers=latin)

    assert (answer.status_code, answer.json()["key"]) == (401, "unauthorized")
    assert is_error_object(answer)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_key_without_the_scope_may_not(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path, json=a_body(), headers=proof("reader"))

    assert (answer.status_code, answer.json()["key"]) == (403, "missing_required_permission")
    assert "redemptions" in answer.json()["details"]
    assert is_error_object(answer)


async def test_a_revoked_key_is_refused_within_seconds(
    client: httpx.AsyncClient, pool: asyncpg.Pool
) -> None:
    assert (await client.post("/v1/validations", json=a_body())).status_code == 200
    await snapshots.apply(pool, [project_changed("proj_a", 2, a_key("another", "redemptions"))])

    async def refused() -> bool:
        return (await client.post("/v1/validations", json=a_body())).status_code == 401

    await until(refused, seconds=15)
    another = await client.post("/v1/validations", json=a_body(), headers=proof("another"))
    assert another.status_code == 200


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(b"", "truncated", id="empty"),
        pytest.param(b"{", "truncated", id="cut-off"),
        pytest.param(b"{}", "redeemables", id="nothing-in-it"),
        pytest.param(json.dumps(a_body(amount=-1)).encode(), "$.order.amount", id="negative"),
        pytest.param(json.dumps(a_body("\0")).encode(), "$.redeemables[0].id", id="nul"),
    ],
)
async def test_a_malformed_body_is_told_which_field(
    client: httpx.AsyncClient, path: str, body: bytes, field: str
) -> None:
    answer = await client.post(path, content=body)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert field in answer.json()["details"]
    assert is_error_object(answer)


@pytest.mark.parametrize("path", ["/v1/redemptions", "/v1/validations"])
async def test_a_query_that_nobody_reads_is_refused(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(f"{path}?dry_run=true", json=a_body())

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_query_params")
    assert "dry_run" in answer.json()["message"]
    assert is_error_object(answer)


async def test_a_body_beyond_half_a_megabyte_is_too_large(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/redemptions", content=b" " * (LARGEST_BODY + 1))

    assert answer.status_code == 413
    assert is_error_object(answer)


async def test_the_largest_order_that_may_be_sent_is_small_enough(
    client: httpx.AsyncClient,
) -> None:
    ids = dict.fromkeys(("product_id", "sku_id", "source_id"), "x" * 200)
    body = a_body()
    body["order"] = {"items": [ids | {"quantity": 1, "amount": 1}] * 500}

    answer = await client.post("/v1/validations", json=body)

    assert answer.status_code == 200


async def test_a_long_body_holds_up_nobody(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def parse(raw: bytes) -> Any:
        threads.append(threading.current_thread() is threading.main_thread())
        return read(raw)

    read = reading._parse_validation
    monkeypatch.setattr(reading, "_parse_validation", parse)

    await client.post("/v1/validations", json=a_body())
    await client.post("/v1/validations", json=a_body() | {"metadata": {"a": "x" * LONG_BODY}})

    assert threads == [True, False]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("DELETE", "/v1/redemptions", 405), ("PUT", "/livez", 405)],
)
async def test_what_we_do_not_have_is_said_in_the_same_manner(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)

    assert answer.status_code == status
    assert is_error_object(answer)


async def test_health_says_what_is_there(client: httpx.AsyncClient) -> None:
    ready = await client.get("/readyz")

    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "dependencies": {"postgres": "ok"}}
    assert (await client.get("/livez")).json()["alive"] is True


async def test_metrics_count_answers(client: httpx.AsyncClient) -> None:
    for key in ("1", "1"):
        await client.post("/v1/redemptions", json=a_body(), headers={"Idempotency-Key": key})
    await client.post("/v1/redemptions", json=a_body("SUMER"))

    text = (await client.get("/metrics")).text

    for outcome in ("accepted", "refused", "replayed"):
        labels = f'outcome="{outcome}",role="api",service="redemption"'
        assert f"decisions_total{{{labels}}} 1.0" in text


async def test_while_postgres_is_away_the_api_says_so_and_lives() -> None:
    nowhere = "postgresql://redemption@127.0.0.1:1/redemption"
    async with serving(nowhere) as client:
        answers: list[Any] = [
            await client.request(param.values[0], param.values[1], json=a_body())  # type: ignore[arg-type]
            for param in ROUTES
        ]
        ready = await client.get("/readyz")
        alive = await client.get("/livez")

    assert {(a.status_code, a.json()["key"]) for a in answers} == {(503, "service_unavailable")}
    assert all(a.headers["Retry-After"] == "1" and is_error_object(a) for a in answers)
    assert ready.status_code == 503
    assert "ConnectionRefusedError" in ready.json()["dependencies"]["postgres"]
    assert alive.status_code == 200
