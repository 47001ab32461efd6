"""What a client sees of an outage: to come back later, whatever asyncpg calls it."""

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from campaigns.api.edge import Edge
from campaigns.api.errors import HANDLERS
from campaigns.metrics import Metrics

OUTAGES = [
    asyncpg.InternalClientError("got result for unknown protocol state 3"),  # was just being cut
    asyncpg.DeadlockDetectedError("both waited"),
    asyncpg.SerializationError("another was faster"),
    asyncpg.InterfaceError("closed"),
    ConnectionRefusedError("nobody listens"),
    TimeoutError("no answer"),
]


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: type(outage).__name__)
async def test_an_outage_asks_to_come_back_later(outage: Exception) -> None:
    app = FastAPI(exception_handlers=HANDLERS)
    app.add_middleware(Edge, metrics=Metrics())

    @app.get("/")
    async def fail() -> None:
        raise outage

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://campaigns") as http:
        answer = await http.get("/")

    assert (answer.status_code, answer.json()["key"]) == (503, "service_unavailable")
    assert answer.headers["Retry-After"] == "1"
