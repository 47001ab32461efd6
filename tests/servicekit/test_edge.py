"""What every request meets: an id, a limit, an account of it, and never a stack trace."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel, model_validator
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from servicekit import health
from servicekit.http import edge
from servicekit.http.application import application, handlers
from servicekit.http.doors import Door
from servicekit.http.edge import Edge
from servicekit.http.errors import not_found, unauthorized
from servicekit.http.health_application import health_application
from servicekit.metrics import Metrics
from servicekit.postgres.pool import is_outage

LIMIT = 1000
PASS = {"X-App-Id": "key_a"}


async def who(request: Request) -> str:
    """Admit whoever names himself."""
    if "x-app-id" not in request.headers:
        raise unauthorized()
    return request.headers["x-app-id"]


DOORS = (
    Door("/body", None, LIMIT),
    Door("/hot", None, LIMIT),
    Door("/locked/", who, LIMIT),
)


class Body(BaseModel):
    amount: int
    most: int | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.most is not None and self.amount > self.most:
            raise ValueError("the amount is more than most")
        return self


def an_app(metrics: Metrics, *, outermost: bool, doors: Sequence[Door] = DOORS) -> ASGIApp:
    app = FastAPI(exception_handlers=handlers(), strict_content_type=False)

    async def fail(which: str) -> None:
        raise {
            "bug": KeyError("a bug"),
            "outage": asyncpg.CannotConnectNowError("starting up"),
            "missing": not_found("campaign", "camp_1"),
            "framework": HTTPException(415, "no such type"),
        }[which]

    @app.get("/fail/{which}")
    async def failing(which: str) -> None:
        await fail(which)

    @app.post("/body")
    @app.post("/without-a-door")
    async def body(body: Body) -> int:
        return body.amount

    app.add_route("/page", lambda _request: HTMLResponse("<p>"))

    @app.get("/query")
    async def query(limit: int) -> int:
        return limit

    @app.get("/path/{id_}")
    async def path(id_: str) -> str:
        return id_

    @app.post("/locked/body")
    async def locked(body: Body, request: Request) -> str:
        return f"{request.state.caller}: {body.amount}"

    async def hot(request: Request) -> Response:
        sent = await request.body()
        await fail(sent.decode()) if sent.isalpha() else None
        return JSONResponse({"bytes": len(sent), "id": request.state.request_id})

    health.answer(app, metrics, {}, [])
    options: dict[str, Any] = {
        "metrics": metrics,
        "is_outage": is_outage,
        "outage_advice": "send it again",
        "doors": doors,
        "hot": {("POST", "/hot"): hot, ("POST", "/locked/hot"): hot},
    }
    if outermost:
        return Edge(app, **options)
    app.add_middleware(Edge, **options)
    return app


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("kit", "api")


@pytest.fixture(params=[True, False], ids=["outermost", "as-middleware"])
async def client(
    metrics: Metrics, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(an_app(metrics, outermost=request.param))
    async with httpx.AsyncClient(transport=transport, base_url="http://kit") as client:
        yield client


def error_of(answer: httpx.Response) -> tuple[int, str, str | None]:
    body = answer.json()
    assert body["code"] == answer.status_code
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["message"]
    assert None not in body.values()
    return body["code"], body["key"], body.get("details")


async def test_every_answer_has_a_request_id_of_its_own_or_the_callers(
    client: httpx.AsyncClient,
) -> None:
    ours = [(await client.get("/livez")).headers["X-Request-Id"] for _ in range(2)]
    assert all(re.fullmatch("v-[0-9a-f]{18}", id_) for id_ in ours)
    assert ours[0] != ours[1]
    theirs = await client.get("/livez", headers={"X-Request-Id": "till-7:4711"})
    assert theirs.headers.get_list("X-Request-Id") == ["till-7:4711"]


async def test_a_hot_route_knows_no_query(client: httpx.AsyncClient) -> None:
    answer = await client.post("/hot?dry_run=true", content="1")
    assert error_of(answer)[:2] == (400, "invalid_query_params")
    assert "dry_run" in answer.json()["message"]
    assert (await client.post("/hot?", content="1")).status_code == 200


@pytest.mark.parametrize("given", ["", "x" * 101, "till/7", "two words", "l\xf6ffel"])
async def test_what_is_no_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/livez", headers=[(b"x-request-id", given.encode("latin-1"))])
    assert answer.headers["X-Request-Id"].startswith("v-")


@pytest.mark.parametrize("path", ["/fail/{}", "/hot"])
@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("bug", (500, "internal_error", "the fault is ours")),
        ("outage", (503, "service_unavailable", "send it again")),
        ("missing", (404, "not_found", "Cannot find campaign with id camp_1")),
        ("framework", (415, "unsupported_media_type", None)),
    ],
)
async def test_whatever_fails_is_an_error_object(
    client: httpx.AsyncClient, path: str, which: str, expected: tuple[int, str, str | None]
) -> None:
    if path == "/hot":
        answer = await client.post(path, content=which)
    else:
        answer = await client.get(path.format(which))
    assert error_of(answer) == expected
    assert answer.headers.get("Retry-After") == ("1" if which == "outage" else None)
    assert ("resource_id" in answer.json()) is (which == "missing")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nothing", (404, "not_found", None)),
        ("DELETE", "/body", (405, "method_not_allowed", None)),
        ("GET", "/hot", (404, "not_found", None)),
        ("PUT", "/livez", (405, "method_not_allowed", None)),
    ],
)
async def test_what_is_not_there_is_said_in_the_same_manner(
    client: httpx.AsyncClient, method: str, path: str, expected: tuple[int, str, str | None]
) -> None:
    assert error_of(await client.request(method, path)) == expected


async def test_what_does_not_go_together_is_told_of_the_body_as_a_whole(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/body", json={"amount": 2, "most": 1})
    assert error_of(answer) == (400, "invalid_payload", "the amount is more than most")
    assert answer.json()["message"] == "Invalid payload"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"{", "Payload is not valid JSON", id="cut-off"),
        pytest.param(b"", "Payload is required", id="empty"),
        pytest.param(b'{"amount": "x"}', "Property .amount: ", id="wrong-type"),
    ],
)
async def test_a_malformed_body_is_told_which_field(
    client: httpx.AsyncClient, content: bytes, message: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/body", content=content, headers=headers)
    code, key, _ = error_of(answer)
    assert (code, key) == (400, "invalid_payload")
    assert answer.json()["message"].startswith(message)


async def test_a_malformed_query_is_told_which_parameter(client: httpx.AsyncClient) -> None:
    answer = await client.get("/query", params={"limit": "many"})
    assert error_of(answer)[:2] == (400, "invalid_query_params")
    assert answer.json()["message"].startswith("Query parameter limit: ")


@pytest.mark.parametrize("path", ["/body", "/hot"])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_beyond_the_limit_is_too_large(
    client: httpx.AsyncClient, path: str, announced: bool
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * (LIMIT // 2)

    content: Any = b" " * (LIMIT + 1) if announced else chunks()
    answer = await client.post(path, content=content)
    assert error_of(answer) == (413, "payload_too_large", f"send at most {LIMIT} bytes")


@pytest.mark.parametrize("path", ["/locked/body", "/locked/hot", "/locked/nothing"])
async def test_who_has_no_key_is_refused_before_one_byte_of_the_body_is_read(
    client: httpx.AsyncClient, path: str
) -> None:
    read: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(3):
            read.append(number)
            yield b" "

    answer = await client.post(path, content=chunks())

    assert error_of(answer)[:2] == (401, "unauthorized")
    assert read == []


@pytest.mark.parametrize("route", ["/locked/body", "/locked/hot"])
@pytest.mark.parametrize(
    ("second", "status"),
    [
        pytest.param(None, 200, id="still-in-force"),
        pytest.param(unauthorized(), 401, id="revoked"),
        pytest.param(TimeoutError(), 503, id="nobody-knows"),
    ],
)
async def test_whose_body_ends_late_is_asked_once_more_who_he_is(
    metrics: Metrics,
    route: str,
    second: Exception | None,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge, "ADMITTED_SECONDS", 0.01)
    answers = iter([None, second])

    async def admit(_request: Request) -> str:
        if (refusal := next(answers)) is not None:
            raise refusal
        return "key_a"

    async def trickling() -> AsyncIterator[bytes]:
        yield b'{"amount":'
        await asyncio.sleep(edge.ADMITTED_SECONDS + 0.01)
        yield b" 1}"

    app = an_app(metrics, outermost=True, doors=[Door("/locked/", admit, LIMIT)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kit") as client:
        answer = await client.post(route, content=trickling())

    assert answer.status_code == status
    assert next(answers, "asked twice") == "asked twice"


async def test_whose_body_comes_at_once_is_asked_once(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "ADMITTED_SECONDS", 60.0)  # at once, also on a busy machine
    asked: list[Request] = []

    async def admit(request: Request) -> None:
        asked.append(request)

    app = an_app(metrics, outermost=True, doors=[Door("/locked/", admit, LIMIT)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kit") as client:
        await client.post("/locked/body", json={"amount": 1})

    assert len(asked) == 1


async def test_whom_the_door_admitted_the_route_knows(client: httpx.AsyncClient) -> None:
    answer = await client.post("/locked/body", json={"amount": 1}, headers=PASS)

    assert answer.json() == "key_a: 1"


async def test_where_there_is_no_door_nothing_has_a_body(client: httpx.AsyncClient) -> None:
    answer = await client.post("/without-a-door", json={"amount": 1})

    assert error_of(answer) == (413, "payload_too_large", "send at most 0 bytes")


@pytest.mark.parametrize("path", ["/livez", "/page", "/nothing", "/fail/bug", "/fail/missing"])
async def test_no_answer_is_taken_for_another_type_than_it_says(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).headers["X-Content-Type-Options"] == "nosniff"


async def test_a_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = (await client.get("/page")).headers["Content-Security-Policy"]

    assert "default-src 'none'" in page
    assert "script-src 'self';" in page
    assert "http" not in page
    assert "Content-Security-Policy" not in (await client.get("/livez")).headers


@pytest.mark.parametrize("path", ["/livez/", "/nothing/", "/page/"])
@pytest.mark.parametrize("role", ["api", "worker"])
async def test_a_slash_at_the_end_leads_to_nobodys_host(
    metrics: Metrics, role: str, path: str
) -> None:
    worker = health_application(lambda _app: contextlib.nullcontext(), metrics, {}, [])
    app = application("kit", "", lambda _app: contextlib.nullcontext())
    served = worker if role == "worker" else Edge(app, metrics, is_outage)
    transport = httpx.ASGITransport(served)
    async with httpx.AsyncClient(transport=transport, base_url="http://kit") as client:
        answer = await client.get(path, headers={"Host": "elsewhere.example"})

    assert error_of(answer)[:2] == (404, "not_found")
    assert "Location" not in answer.headers


async def test_a_role_without_an_api_checks_a_request_id_too(metrics: Metrics) -> None:
    worker = health_application(lambda _app: contextlib.nullcontext(), metrics, {}, [])
    transport = httpx.ASGITransport(worker)
    async with httpx.AsyncClient(transport=transport, base_url="http://kit") as client:
        theirs = await client.get("/livez", headers={"X-Request-Id": "till-7"})
        ours = await client.get("/livez", headers={"X-Request-Id": "<script>"})

    assert theirs.headers["X-Request-Id"] == "till-7"
    assert ours.headers["X-Request-Id"].startswith("v-")
    assert theirs.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/body", "/hot"])
async def test_a_caller_that_hangs_up_within_its_body_is_no_fault_of_ours(
    metrics: Metrics, path: str
) -> None:
    sent: list[Any] = []
    messages = iter(
        [
            {"type": "http.request", "body": b"{", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    with capture_logs() as lines:
        await an_app(metrics, outermost=True)(scope, receive, send)

    assert sent[0]["status"] == 400
    assert [line["event"] for line in lines] == ["request"]


async def test_a_hot_route_is_served_and_counted_like_any_other(
    client: httpx.AsyncClient, metrics: Metrics
) -> None:
    answer = await client.post("/hot", content=b"123", headers={"X-Request-Id": "till-7"})

    assert answer.json() == {"bytes": 3, "id": "till-7"}
    assert answer.headers["X-Request-Id"] == "till-7"
    assert 'method="POST",role="api",route="/hot"' in metrics.page().decode()


async def test_requests_are_counted_by_template_and_failures_logged_without_their_paths(
    client: httpx.AsyncClient, metrics: Metrics
) -> None:
    with capture_logs() as lines:
        await client.get("/path/SUMMER")
        await client.get("/fail/missing")
        await client.get("/nothing/SECRET")
        await client.get("/livez")

    page = metrics.page().decode()
    assert 'route="/path/{id_}",service="kit",status="200"} 1.0' in page
    assert 'route="/fail/{which}",service="kit",status="404"} 1.0' in page
    assert 'route="none",service="kit",status="404"} 1.0' in page
    assert [(line["event"], line["route"], line["error"]) for line in lines] == [
        ("request", "/fail/{which}", "not_found"),
        ("request", "none", "not_found"),
    ]
    assert "SUMMER" not in page + json.dumps(lines)
    assert "SECRET" not in page + json.dumps(lines)


async def test_a_bug_is_logged_with_its_trace_and_shown_to_nobody(
    client: httpx.AsyncClient,
) -> None:
    with capture_logs() as lines:
        answer = await client.get("/fail/bug")

    assert "KeyError" not in answer.text
    assert [line["event"] for line in lines] == ["request_failed", "request"]
    assert isinstance(lines[0]["exc_info"], KeyError)


async def test_paths_match_as_they_were_sent(client: httpx.AsyncClient) -> None:
    assert (await client.get("/path/a%2Fb")).json() == "a%2Fb"
