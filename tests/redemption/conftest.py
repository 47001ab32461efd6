"""Deciders on a real database. Each has a pool of its own, as each process would."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest
from kit.redemption_deciders import deciding, service_pool
from kit.redemption_processes import Outside

from contracts import topics
from redemption.decider import Decider
from servicekit.kafka.connection import Kafka
from servicekit.kafka.topics import ensure


@pytest.fixture
async def pool(redemption_db: str) -> AsyncIterator[asyncpg.Pool]:
    """The pool of the service itself, with all its settings."""
    async with service_pool(redemption_db) as pool:
        yield pool


@pytest.fixture
async def decider(redemption_db: str) -> AsyncIterator[Decider]:
    async with deciding(redemption_db) as decider:
        yield decider


@pytest.fixture
async def three_deciders(redemption_db: str) -> AsyncIterator[list[Decider]]:
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(deciding(redemption_db)) for _ in range(3)]


@pytest.fixture(scope="session")
def service_topics(kafka_servers: Kafka) -> Kafka:
    """The topics of the contracts, which no test has for itself."""
    asyncio.run(ensure(kafka_servers, topics.with_dead_letters()))
    return kafka_servers


@pytest.fixture
async def kafka(service_topics: Kafka) -> AsyncIterator[Outside]:
    """Kafka without a worker that an earlier test killed or left behind."""
    kafka = Outside(service_topics)
    await kafka.bury()
    yield kafka
    await kafka.bury()
