"""The worker as a process of its own, on a Kafka group of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from analytics.handlers import DEFINITIONS, FACTS, definitions_group
from contracts import topics
from contracts.event import Event
from kit.service_process import ServiceProcess, running
from servicekit.kafka.connection import Kafka

TOPIC = topics.REDEMPTIONS.name
START = """
import sys
from analytics.__main__ import ROLES
from servicekit.process import main
sys.exit(main("analytics", ROLES, ["worker"]))
"""
# The same process, but it dies where the offsets would be committed.
DIES_BEFORE_COMMIT = f"""
import os
from analytics import handlers
async def die(*_): os._exit(137)
handlers.commit = die
{START}
"""


class Workers:
    """Starts workers of one group and one database, and lets none of them survive."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._started = AsyncExitStack()

    async def start(self, program: str | None = None, **environment: str) -> ServiceProcess:
        return await self._started.enter_async_context(
            running(
                "analytics",
                "worker",
                self._folder,
                self._environment | environment,
                program=program,
            )
        )

    async def stop(self) -> None:
        await self._started.aclose()


async def create_topics(kafka: Kafka) -> None:
    """Create every topic of the contracts that is not there yet."""
    admin = AIOKafkaAdminClient(**kafka.options())
    await admin.start()
    there = set(await admin.list_topics())
    missing = [t for t in topics.with_dead_letters() if t.name not in there]
    if missing:
        await admin.create_topics([NewTopic(t.name, t.partitions, 1) for t in missing])
    await admin.close()


async def group_at_the_end(kafka: Kafka) -> str:
    """Make a group that has read everything so far: other tests write to these topics too."""
    group = f"analytics-{uuid4().hex[:12]}"
    for each, sources in ((group, FACTS), (definitions_group(group), DEFINITIONS)):
        async with consumer(kafka, each) as reader:
            parts = [part for source in sources for part in partitions(source.topic)]
            reader.assign(parts)
            await reader.commit(await reader.end_offsets(parts))
    return group


def partitions(topic: str) -> list[TopicPartition]:
    (count,) = {t.partitions for t in topics.with_dead_letters() if t.name == topic}
    return [TopicPartition(topic, number) for number in range(count)]


@asynccontextmanager
async def consumer(kafka: Kafka, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    reader = AIOKafkaConsumer(**kafka.options(), group_id=group, enable_auto_commit=False)
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


async def ends(kafka: Kafka, topic: str) -> dict[TopicPartition, int]:
    async with consumer(kafka) as reader:
        return dict(await reader.end_offsets(partitions(topic)))


async def lag(kafka: Kafka, group: str, topic: str = TOPIC) -> int:
    """Count the records of the topic that the group has not committed."""
    end = await ends(kafka, topic)
    async with consumer(kafka, group) as reader:
        return sum([last - (await reader.committed(part) or 0) for part, last in end.items()])


async def since(
    kafka: Kafka, offsets: dict[TopicPartition, int], number: int
) -> list[ConsumerRecord]:
    """Read as many records as were expected after these offsets."""
    found: list[ConsumerRecord] = []
    async with consumer(kafka) as reader:
        reader.assign(list(offsets))
        for part, offset in offsets.items():
            reader.seek(part, offset)
        async with asyncio.timeout(20):
            while len(found) < number:
                for batch in (await reader.getmany(timeout_ms=200)).values():
                    found.extend(batch)
    return found


async def produce(
    kafka: Kafka, bodies: Sequence[Event | bytes | None], topic: str = TOPIC, **more: Any
) -> None:
    """Write them, spread over the partitions, and wait until all are acknowledged."""
    producer = AIOKafkaProducer(**kafka.options(), linger_ms=5, **more)
    await producer.start()
    try:
        sent = [
            await producer.send(
                topic, body.encode() if isinstance(body, Event) else body, key=f"k{n}".encode()
            )
            for n, body in enumerate(bodies)
        ]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def pass_everything(kafka: Kafka, group: str, topic: str) -> None:
    """Commit the end of the topic for the group, as an operator does who has looked at it."""
    async with consumer(kafka, group) as reader:
        reader.assign(partitions(topic))
        await reader.commit(await reader.end_offsets(partitions(topic)))
