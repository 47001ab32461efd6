"""A body says each thing once: another reader would take the other value."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message

from servicekit.http.application import application
from servicekit.http.bodies import whole_body


class Terms(BaseModel):
    total_limit: int | None = None
    metadata: dict[str, Any] = {}


def an_api() -> ASGIApp:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield

    app = application("kit", "for tests", lifespan)

    @app.put("/terms")
    async def change(body: Terms) -> int | None:
        return body.total_limit

    async def edged(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"request_id": "v-1"}
        await app(scope, receive, send)

    return edged


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('{"total_limit":5,"total_limit":null}', "total_limit"),
        ('{"total_limit":5,"total_limit":5}', "total_limit"),
        (r'{"total_limit":5,"total\u005flimit":null}', "total_limit"),
        ('{"metadata":{"a":[{"b":1,"b":2}]}}', "b"),
        ('{"total_limit":5,"limit":1,"limit":2}', "limit"),
        (r'{"\ud800":1,"\ud800":2}', "?"),  # half a surrogate pair has no bytes
    ],
)
async def test_a_name_that_is_given_twice_is_refused_by_itself(body: str, named: str) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(an_api()), base_url="http://kit"
    ) as http:
        answer = await http.put("/terms", content=body)

    assert (answer.status_code, answer.json()["key"]) == (400, "invalid_payload")
    assert answer.json()["message"] == f"Property .{named}: is given more than once"


@pytest.mark.parametrize(
    ("body", "status"), [('{"total_limit":5,"metadata":{"total_limit":1}}', 200), ("{", 400)]
)
async def test_other_bodies_are_read_as_ever(body: str, status: int) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(an_api()), base_url="http://kit"
    ) as http:
        assert (await http.put("/terms", content=body)).status_code == status


def sending(*messages: Message) -> Request:
    left = iter(messages)

    async def receive() -> Message:
        return next(left)

    return Request({"type": "http", "headers": []}, receive)


def a_part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_is_read_whole_however_many_messages_bring_it() -> None:
    assert await whole_body(sending(a_part(b"ab", more=False))) == b"ab"
    assert await whole_body(sending({"type": "http.request"})) == b""
    parts = [a_part(b"ab", more=True), a_part(b"", more=True), a_part(b"cd", more=False)]
    assert await whole_body(sending(*parts)) == b"abcd"


async def test_a_body_that_does_not_come_to_its_end_is_none() -> None:
    gone: Message = {"type": "http.disconnect"}
    with pytest.raises(ClientDisconnect):
        await whole_body(sending(a_part(b"ab", more=True), gone))
