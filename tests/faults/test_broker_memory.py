"""What others may take of a broker's memory; one that has none left ends, and is started again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaError
from kit import engines

from counterfoil import ports
from counterfoil.engines import jars, kafka
from counterfoil.processes import Child
from servicekit.kafka.answering import kafka_answers
from servicekit.kafka.connection import Kafka

BEYOND = 100_000_000  # what Kafka takes unless told otherwise: five such had ended it
LARGEST = 4_190_000  # nearly the most that ours takes
FEW, MANY, TOO_MANY = 8, 100, 400
PATIENCE_SECONDS = 60

pytestmark = [pytest.mark.fault, pytest.mark.timeout(180)]


@pytest.fixture
def broker() -> Iterator[tuple[Child, Kafka]]:
    with engines.temporary_folder("kafka") as folder, ports.Ports() as reserved:
        asyncio.run(jars.fetch_missing(jars.KAFKA, folder))
        port, controller = reserved.choose(), reserved.choose()
        asyncio.run(kafka.prepare(folder, port, controller, engines.SECRET, folder))
        way = kafka.as_broker(f"{ports.HOST}:{port}", engines.SECRET)
        with engines.running(kafka.program(folder, folder)) as child:
            asyncio.run(kafka.ready(child, way, kafka.cluster_id(folder)))
            yield child, way


def test_a_broker_without_memory_does_not_limp_on(broker: tuple[Child, Kafka]) -> None:
    child, way = broker

    async def announced() -> int:
        async with announcing(way, LARGEST, TOO_MANY):
            return await asyncio.wait_for(child.wait(), PATIENCE_SECONDS)

    assert asyncio.run(announced()) > 0


def test_what_is_announced_and_never_sent_costs_many_connections_and_stops_nobody(
    broker: tuple[Child, Kafka],
) -> None:
    child, way = broker

    async def announced() -> None:
        async with announcing(way, BEYOND, FEW), announcing(way, LARGEST, MANY) as held:
            assert held == MANY
            async with asyncio.timeout(PATIENCE_SECONDS):
                await kafka_answers(way)()

    asyncio.run(announced())
    assert child.exit_code is None


@asynccontextmanager
async def announcing(kafka: Kafka, size: int, connections: int) -> AsyncIterator[int]:
    """Announce requests that never come, for which the broker makes room; yield how many."""
    held: list[AIOKafkaConnection] = []
    with suppress(KafkaError, OSError):  # it has ended
        for _ in range(connections):
            held.append(await logged_in(kafka))
            held[-1]._writer.write(size.to_bytes(4, "big"))
            await held[-1]._writer.drain()
    try:
        yield len(held)
    finally:
        for each in held:
            each.close()


async def logged_in(kafka: Kafka) -> AIOKafkaConnection:
    return await create_conn(
        *kafka.servers.split(":"),
        security_protocol=kafka.protocol,
        sasl_mechanism=kafka.mechanism,
        sasl_plain_username=kafka.username,
        sasl_plain_password=kafka.password,
    )
