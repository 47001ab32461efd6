"""Roles in the process of a test: started and stopped as their server does it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.types import ASGIApp, Message


@contextlib.asynccontextmanager
async def started(role: ASGIApp) -> AsyncIterator[None]:
    """Start a role and stop it again, as its server does."""
    told: asyncio.Queue[Message] = asyncio.Queue()
    said: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    running = asyncio.ensure_future(role(scope, told.get, said.put))
    await told.put({"type": "lifespan.startup"})
    assert await said.get() == {"type": "lifespan.startup.complete"}
    try:
        yield
    finally:
        await told.put({"type": "lifespan.shutdown"})
        await running
        assert await said.get() == {"type": "lifespan.shutdown.complete"}
