"""The reports over HTTP, in the test's own process: whose keys there are, a test says itself."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from analytics import app
from analytics.keys import ProjectKeys
from contracts import topics
from contracts.projects import ProjectChanged
from kit import tokens
from kit.analytics_samples import SECRET, a_record
from servicekit.http.tokens import public_keys

KEY = {"X-App-Id": "key_1", "X-App-Token": SECRET}


def the_clock() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def serving(
    url: str, keys: ProjectKeys, clock: Callable[[], datetime] = the_clock
) -> AsyncIterator[httpx.AsyncClient]:
    application: Any = app.reporting(url, keys, no_kafka, public_keys(tokens.PUBLIC_KEY), clock)
    transport = httpx.ASGITransport(application)
    async with (
        application._app.router.lifespan_context(application._app),
        httpx.AsyncClient(transport=transport, base_url="http://analytics") as client,
    ):
        yield client


async def no_kafka() -> None:
    """Read nothing: the test says which snapshots have come."""


def tell(keys: ProjectKeys, snapshot: ProjectChanged) -> None:
    keys.take(a_record(topics.PROJECTS.name, snapshot))
