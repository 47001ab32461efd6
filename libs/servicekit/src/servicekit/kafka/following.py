"""A small compacted topic, read whole and then followed, by every process for itself.

For tables that are kept in memory: no group, no commits, nothing written. Whatever goes wrong with
the connection, everything is read anew: what takes the records must not mind repeats.
"""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from servicekit.kafka.connection import Kafka
from servicekit.kafka.distrust import distrust
from servicekit.lifecycle import RETRY_SECONDS, stop_within, until_started

log = structlog.get_logger()

POLL_MS = 1_000  # records end the wait at once
STOPPED_WITHIN_SECONDS = 3

Take = Callable[[ConsumerRecord], None]


async def follow(kafka: Kafka, topic: str, take: Take, caught_up: asyncio.Event) -> None:
    """Hand over every record of the topic from its first on, for ever.

    `caught_up` is set once those that were there at the start have been handed over. What cannot be
    parsed comes as it does to every reader (`reading.parsed`).
    """
    make = partial(
        AIOKafkaConsumer,
        topic,
        **kafka.options(),
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    distrust()
    while True:
        consumer = await until_started(make)
        try:
            await _read(consumer, take, caught_up)
        except (KafkaError, OSError) as outage:
            log.warning("reading_anew", topic=topic, error=repr(outage))
        finally:
            await stop_within(consumer.stop(), STOPPED_WITHIN_SECONDS)
        await asyncio.sleep(RETRY_SECONDS)


async def _read(consumer: AIOKafkaConsumer, take: Take, caught_up: asyncio.Event) -> None:
    partitions = consumer.assignment()
    if not partitions:
        raise UnknownTopicOrPartitionError
    ends = await consumer.end_offsets(partitions)
    while True:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                take(record)
        if not caught_up.is_set():
            positions = {p: await consumer.position(p) for p in partitions}
            if all(positions[p] >= ends[p] for p in partitions):
                caught_up.set()
