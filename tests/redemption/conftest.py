"""Deciders on a real database. Each has a pool of its own, as each process would."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest
from kit.redemption_processes import Kafka

from contracts import topics
from counterfoil.topics import ensure
from redemption import app
from redemption.decider import Decider
from redemption.metrics import Metrics


@pytest.fixture
async def pool(redemption_db: str) -> AsyncIterator[asyncpg.Pool]:
    """The pool of the service itself, with all its settings."""
    async with app._pool(redemption_db, "tests") as pool:
        yield pool


@contextlib.asynccontextmanager
async def a_decider(dsn: str) -> AsyncIterator[Decider]:
    async with app._pool(dsn, "tests") as pool, deciding(Decider(pool, Metrics())) as decider:
        yield decider


@contextlib.asynccontextmanager
async def deciding(decider: Decider) -> AsyncIterator[Decider]:
    """Let it run. Should it die of a bug, the test ends at once instead of waiting for answers."""
    task = asyncio.create_task(decider.run())
    task.add_done_callback(stop_on_a_bug)
    try:
        yield decider
    finally:
        task.cancel()
        await asyncio.wait([task])


def stop_on_a_bug(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.print_stack()
        task.get_loop().stop()


@pytest.fixture
async def decider(redemption_db: str) -> AsyncIterator[Decider]:
    async with a_decider(redemption_db) as decider:
        yield decider


@pytest.fixture
async def three_deciders(redemption_db: str) -> AsyncIterator[list[Decider]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(a_decider(redemption_db)) for _ in range(3)]


@pytest.fixture(scope="session")
def service_topics(kafka_servers: str) -> str:
    """The topics of the contracts, which no test has for itself."""
    asyncio.run(ensure(kafka_servers, topics.with_dead_letters()))
    return kafka_servers


@pytest.fixture
async def kafka(service_topics: str) -> AsyncIterator[Kafka]:
    """Kafka without a worker that an earlier test killed or left behind."""
    kafka = Kafka(service_topics)
    await kafka.bury()
    yield kafka
    await kafka.bury()
