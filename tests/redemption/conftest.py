"""Deciders on a real database, each with a pool of its own, and the roles as processes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from kit.redemption_deciders import deciding, service_pool
from kit.redemption_processes import Outside, running
from kit.service_process import ServiceProcess

from contracts import topics
from contracts.principals import rights
from counterfoil.access import granting
from redemption.batches.decider import Decider
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


@pytest.fixture
def project() -> str:
    return f"proj_{uuid4().hex[:12]}"


@pytest.fixture
def running_worker(
    tmp_path: Path, redemption_db: str, kafka: Outside
) -> Callable[[], AbstractAsyncContextManager[ServiceProcess]]:
    return lambda: running("worker", tmp_path, redemption_db, kafka.operator)


@pytest.fixture
async def worker(
    running_worker: Callable[[], AbstractAsyncContextManager[ServiceProcess]],
) -> AsyncIterator[ServiceProcess]:
    async with running_worker() as worker:
        await worker.ready()
        yield worker
        await worker.stop()  # or the next test's worker would wait for this one's session to end


@pytest.fixture
async def definitions(
    tmp_path: Path, redemption_db: str, kafka: Outside
) -> AsyncIterator[ServiceProcess]:
    async with running("definitions", tmp_path, redemption_db, kafka.operator) as definitions:
        await definitions.ready()
        yield definitions
        await definitions.stop()


@pytest.fixture
async def vendors_topic(kafka: Outside, project: str) -> AsyncIterator[Any]:
    """Make a topic for one vendor alone, as it comes with a new project."""
    admin = AIOKafkaAdminClient(**kafka.operator.options())
    await admin.start()
    name = topics.for_project(project)
    own = [name, topics.dead_letters(name, "redemption"), topics.answers_for(project)]

    async def make(timestamps: str = "LogAppendTime") -> str:
        configs = {"message.timestamp.type": timestamps}
        await granting.ensure(kafka.operator, {}, rights(topics.of_project(project)), only=())
        await admin.create_topics([NewTopic(each, 1, 1, topic_configs=configs) for each in own])
        return name

    yield make
    await admin.delete_topics(own)
    await admin.close()
