"""The api in this process, and a stand-in for redemption that applies whatever is published."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from kit import outboxes
from kit.campaigns_samples import Shop, environment, open_shop
from starlette.routing import Match

from campaigns import app, connections
from campaigns.api.enforced import HEADER
from campaigns.app import Waits
from campaigns.propagation import store as applied_versions
from campaigns.settings import ApiSettings
from contracts.applied import Applied
from servicekit.lifecycle import background_task
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import pool_lifespan, transaction


@pytest.fixture
async def pool(campaigns_db: str) -> AsyncIterator[asyncpg.Pool]:
    pool = postgres.pool(campaigns_db, "tests", 4, connections.SESSION)
    async with pool_lifespan(pool):
        yield pool


@pytest.fixture
def waits(request: pytest.FixtureRequest) -> Waits:
    """Patience is tested, not the clock: who is answered waits for it, however busy the machine.

    Where nobody answers a few looks are enough; a test that answers by itself says how long it has.
    """
    if "applying" in request.fixturenames:
        return Waits(deadline_seconds=60.0, patience_seconds=60.0, key_memory_seconds=0.0)
    return Waits(deadline_seconds=0.15, patience_seconds=0.05, key_memory_seconds=0.0)


@pytest.fixture
async def api(
    campaigns_db: str, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FastAPI]:
    """The api as it is composed, in this process."""
    for name, value in environment(campaigns_db).items():
        monkeypatch.setenv(name, value)
    api = app.api(ApiSettings(), waits)
    async with api.router.lifespan_context(api):
        yield api


@pytest.fixture
async def http(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the api, without a socket."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api, raise_app_exceptions=False),
        base_url="http://campaigns",
        timeout=20,
        event_hooks={"response": [partial(_is_documented, api)]},
    ) as client:
        yield client


async def _is_documented(api: FastAPI, answer: httpx.Response) -> None:
    """Fail any test that is answered `X-Enforced-At` where the OpenAPI page has no such header."""
    if HEADER not in answer.headers:
        return
    path, _, _ = answer.request.url.raw_path.decode().partition("?")  # codes may have slashes
    asked = {"type": "http", "method": answer.request.method, "path": path}
    [route, *_] = [
        each
        for context in iter_route_contexts(api.routes)
        if isinstance(each := context.original_route, APIRoute)
        and each.matches(asked)[0] is Match.FULL
    ]
    headers = route.responses.get(answer.status_code, {}).get("headers", {})
    documented = HEADER in headers or not route.include_in_schema
    assert documented, f"{route.methods} {route.path}: {answer.status_code} has no {HEADER}"


@pytest.fixture
async def applying(campaigns_db: str, http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Take what is published and report it as enforced, as relay, redemption and worker do."""
    async with confirming(campaigns_db):
        yield http


@contextlib.asynccontextmanager
async def confirming(dsn: str) -> AsyncIterator[None]:
    pool = postgres.pool(dsn, "tests", 1, connections.SESSION)
    async with pool_lifespan(pool), background_task(_apply(pool)):
        yield


@pytest.fixture
async def confirmed_db(campaigns_db: str) -> AsyncIterator[str]:
    """A database of a process whose changes are applied at once."""
    async with confirming(campaigns_db):
        yield campaigns_db


async def _apply(pool: asyncpg.Pool) -> None:
    kinds = {
        "coupons.project.changed.v1": "project",
        "coupons.campaign.changed.v1": "campaign",
        "coupons.voucher.changed.v1": "voucher",
        "coupons.vouchers.issued.v1": "chunk",
        "coupons.segment.changed.v1": "segment",
    }
    while True:
        async with transaction(pool) as conn:
            facts = []
            for _, key, value in await outboxes.taken(conn):
                event = json.loads(value)
                if event["type"] in kinds:
                    version = event["data"].get("version", 1)
                    applied = Applied(kind=kinds[event["type"]], id=key.decode(), version=version)
                    facts.append((event["projectid"], applied, datetime.now(UTC)))
            await applied_versions.upsert(conn, facts)
        await asyncio.sleep(0.01)


@pytest.fixture
async def deaf_shop(http: httpx.AsyncClient) -> Shop:
    """A project whose changes nobody enforces."""
    return await open_shop(http)


@pytest.fixture
async def shop(applying: httpx.AsyncClient) -> Shop:
    """A project whose changes are enforced at once."""
    return await open_shop(applying)


@pytest.fixture
async def rival(applying: httpx.AsyncClient) -> Shop:
    """Another project, which must never see what is the shop's."""
    return await open_shop(applying, "rival")
