"""Deciders on a real database. Each has a pool of its own, as each process would."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from redemption import app
from redemption.decider import Decider
from redemption.lifecycle import running
from redemption.metrics import Metrics


@pytest.fixture
async def pool(redemption_db: str) -> AsyncIterator[asyncpg.Pool]:
    """The pool of the service itself, with all its settings."""
    async with app._pool(redemption_db, "tests") as pool:
        yield pool


@contextlib.asynccontextmanager
async def a_decider(dsn: str) -> AsyncIterator[Decider]:
    async with app._pool(dsn, "tests") as pool:
        decider = Decider(pool, Metrics())
        async with running(decider.run()):
            yield decider


@pytest.fixture
async def decider(redemption_db: str) -> AsyncIterator[Decider]:
    async with a_decider(redemption_db) as decider:
        yield decider


@pytest.fixture
async def three_deciders(redemption_db: str) -> AsyncIterator[list[Decider]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(a_decider(redemption_db)) for _ in range(3)]
