"""A broker that has no memory left ends: whoever watches it starts another."""

import asyncio

import pytest
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError
from kit import engines

from counterfoil import ports
from counterfoil.engines import jars, kafka
from counterfoil.processes import Child
from servicekit.kafka.connection import Kafka

ANNOUNCED = 100_000_000  # nearly the most that Kafka takes
CONNECTIONS = 8
PATIENCE_SECONDS = 30

pytestmark = [pytest.mark.fault, pytest.mark.timeout(120)]


def test_a_broker_without_memory_does_not_limp_on() -> None:
    with engines.temporary_folder("kafka") as folder, ports.Ports() as reserved:
        asyncio.run(jars.fetch_missing(jars.KAFKA, folder))
        port, controller = reserved.choose(), reserved.choose()
        asyncio.run(kafka.prepare(folder, port, controller, engines.SECRET, folder))
        broker = kafka.as_broker(f"{ports.HOST}:{port}", engines.SECRET)
        with engines.running(kafka.program(folder, folder)) as child:
            asyncio.run(kafka.ready(child, broker, kafka.cluster_id(folder)))
            assert asyncio.run(exit_code_after_announcements(child, broker)) > 0


async def exit_code_after_announcements(child: Child, kafka: Kafka) -> int:
    """Announce requests that never come: the broker makes room for each at once."""
    held = []
    try:
        for _ in range(CONNECTIONS):
            connection = await create_conn(
                *kafka.servers.split(":"),
                security_protocol=kafka.protocol,
                sasl_mechanism=kafka.mechanism,
                sasl_plain_username=kafka.username,
                sasl_plain_password=kafka.password,
            )
            held.append(connection)
            connection._writer.write(ANNOUNCED.to_bytes(4, "big"))
            await connection._writer.drain()
    except (KafkaError, OSError):
        pass  # it has ended
    try:
        return await asyncio.wait_for(child.wait(), PATIENCE_SECONDS)
    finally:
        for connection in held:
            connection.close()
