"""Who was let in stays so for a while, and no longer, whatever becomes of the password."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from kit import engines

from contracts import ids, topics
from contracts.principals import OPERATOR
from counterfoil.access import vendors
from counterfoil.engines import kafka
from servicekit.kafka import topics as kafka_topics
from servicekit.kafka.connection import Kafka

pytestmark = [pytest.mark.fault, pytest.mark.process]  # a broker of its own

LOGGED_IN_SECONDS = 2
REQUESTS = topics.REDEMPTION_REQUESTS.name


def test_an_old_password_opens_nothing_soon_and_nobody_else_loses_a_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert kafka.LOGGED_IN_SECONDS <= 600
    monkeypatch.setattr(kafka, "LOGGED_IN_SECONDS", LOGGED_IN_SECONDS)
    with engines.own_kafka() as servers:
        operator = Kafka(servers, "SASL_PLAINTEXT", OPERATOR, engines.SECRET)
        asyncio.run(_try(operator))


async def _try(operator: Kafka) -> None:
    await kafka_topics.ensure(operator, topics.with_dead_letters())
    project = ids.new("proj_")
    async with AIOKafkaProducer(**operator.options()) as producer:
        await producer.send_and_wait(topics.PROJECTS.name, b"{}", project.encode())
    old = await vendors.add(operator, project)
    async with (
        AIOKafkaProducer(**old.options(), request_timeout_ms=3000) as thief,
        asyncio.TaskGroup() as group,
    ):
        others = group.create_task(_others_go_on(operator))
        await thief.send_and_wait(topics.for_project(project), b"{}")
        new = await vendors.rotate(operator, project)
        with pytest.raises(KafkaError):
            await _send_on_and_on(thief, topics.for_project(project))
        async with AIOKafkaProducer(**new.options()) as vendor:
            await vendor.send_and_wait(topics.for_project(project), b"{}")
        sent, read = await others
    assert read == sent


async def _send_on_and_on(producer: AIOKafkaProducer, topic: str) -> None:
    async with asyncio.timeout(30 * LOGGED_IN_SECONDS):
        while True:
            await producer.send_and_wait(topic, b"{}")
            await asyncio.sleep(0.1)


async def _others_go_on(operator: Kafka) -> tuple[list[bytes], list[bytes]]:
    """Send and read as a shop and redemption do, for some logins; return what came and went."""
    checkout = engines.acting_as(operator, "checkout")
    redemption = engines.acting_as(operator, "redemption")
    sent: list[bytes] = []
    read: list[bytes] = []
    async with (
        AIOKafkaProducer(**checkout.options(), enable_idempotence=False) as producer,
        AIOKafkaConsumer(
            REQUESTS,
            **redemption.options(),
            group_id="redemption",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        ) as consumer,
        asyncio.timeout(120),
    ):
        for number in range(20 * LOGGED_IN_SECONDS):
            sent.append(str(number).encode())
            await producer.send_and_wait(REQUESTS, sent[-1], b"k")
            for records in (await consumer.getmany(timeout_ms=200)).values():
                read += [record.value for record in records]
            await consumer.commit()
        while len(read) < len(sent):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                read += [record.value for record in records]
    return sent, read
