"""The parts of analytics on real engines, in a database that every test finds empty."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
from kit.analytics_figures import Figures, create_database, drop_database, empty_tables
from kit.engines import NO_KAFKA

from analytics.ingest import Ingestion
from analytics.metrics import Metrics
from analytics.settings import GROUP
from analytics.store import ClickHouse
from servicekit.kafka.dead_letters import DeadLetters


@pytest.fixture(scope="session")
def shared_db(clickhouse_url: str) -> Iterator[str]:
    """One for all tests of this process: to migrate one for each took longer than the test."""
    url = asyncio.run(create_database(clickhouse_url))
    yield url
    asyncio.run(drop_database(url))


@pytest.fixture
async def clickhouse_db(shared_db: str) -> AsyncIterator[str]:
    """The tables are empty; a test whose processes may still write needs a database of its own."""
    yield shared_db
    await empty_tables(shared_db)


@pytest.fixture
async def figures(clickhouse_db: str) -> AsyncIterator[Figures]:
    metrics = Metrics("analytics", "tests")
    async with aclosing(ClickHouse(clickhouse_db)) as clickhouse:
        ingestion = Ingestion(clickhouse, DeadLetters(NO_KAFKA, GROUP, metrics), metrics)
        yield Figures(await clickhouse.client(), ingestion)


@pytest.fixture
async def unmerged(figures: Figures) -> AsyncIterator[None]:
    """What was written twice stands there twice: else ClickHouse merges it whenever it likes."""
    await figures.client.command("SYSTEM STOP MERGES redemption_events")
    yield
    await figures.client.command("SYSTEM START MERGES redemption_events")
