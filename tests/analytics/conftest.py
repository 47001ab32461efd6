"""The parts of analytics on real engines; each test has a database of its own."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import uuid4

import pytest
from kit.analytics_figures import Figures

from analytics.handlers import GROUP
from analytics.ingest import Ingestion
from analytics.metrics import Metrics
from analytics.migrate import migrate
from analytics.store import ClickHouse, connect, database_of
from servicekit.kafka.dead_letters import DeadLetters

NO_BROKER = "127.0.0.1:1"  # whoever writes a dead letter here fails


@pytest.fixture
async def clickhouse_db(clickhouse_url: str) -> AsyncIterator[str]:
    """The same as for everybody, migrated in this process: there are many tests here."""
    url = f"{clickhouse_url.rpartition('/')[0]}/coupons_{uuid4().hex[:12]}"
    await migrate(url)
    yield url
    client = await connect(url)
    await client.command("DROP DATABASE {name:Identifier}", parameters={"name": database_of(url)})
    await client.close()


@pytest.fixture
async def figures(clickhouse_db: str) -> AsyncIterator[Figures]:
    metrics = Metrics("analytics", "tests")
    async with aclosing(ClickHouse(clickhouse_db)) as clickhouse:
        ingestion = Ingestion(clickhouse, DeadLetters(NO_BROKER, GROUP, metrics), metrics)
        yield Figures(await clickhouse.client(), ingestion)
