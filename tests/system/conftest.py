from collections.abc import AsyncIterator

import clickhouse_connect
import pytest
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.asyncclient import AsyncClient
from kit.shops import Shop, first_shop, new_shop

from counterfoil.platform import Platform


@pytest.fixture
async def shop(platform: Platform) -> AsyncIterator[Shop]:
    """The project that the platform comes with."""
    async with first_shop(platform) as opened:
        yield opened


@pytest.fixture
async def other_shop(platform: Platform) -> AsyncIterator[Shop]:
    """A project of this test alone."""
    async with new_shop(platform) as opened:
        yield opened


@pytest.fixture
async def producer(platform: Platform) -> AsyncIterator[AIOKafkaProducer]:
    """Send as a checkout does, which is trusted for every project."""
    checkout = platform.principals["checkout"]
    async with AIOKafkaProducer(**checkout.options(), acks="all") as connected:
        yield connected


@pytest.fixture
async def operators_producer(platform: Platform) -> AsyncIterator[AIOKafkaProducer]:
    """Send what nobody but the operator may: anything, anywhere."""
    async with AIOKafkaProducer(**platform.kafka.options(), acks="all") as connected:
        yield connected


@pytest.fixture
async def bi(platform: Platform) -> AsyncIterator[AsyncClient]:
    """Ask as a BI tool does: as the reader of the first project."""
    async with await clickhouse_connect.get_async_client(dsn=platform.clickhouse_reader) as client:
        yield client


@pytest.fixture
async def warehouse(platform: Platform) -> AsyncIterator[AsyncClient]:
    """Ask as the owner of all of it."""
    async with await clickhouse_connect.get_async_client(dsn=platform.clickhouse) as client:
        yield client
