"""A partition of Kafka, read from one offset to another by a consumer of its own, in no group."""

from collections.abc import AsyncGenerator
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from servicekit.kafka.connection import Kafka
from servicekit.kafka.distrust import Unparsable, distrust

POLL_MILLISECONDS = 1000


class Kept(NamedTuple):
    """The offsets of a partition: the first that Kafka keeps, and the next that it will write."""

    first: int
    end: int


def reader(kafka: Kafka) -> AIOKafkaConsumer:
    """Make a consumer, not started yet, to whom nothing that stands on Kafka is too odd."""
    distrust()
    return AIOKafkaConsumer(
        **kafka.options(), enable_auto_commit=False, auto_offset_reset="earliest"
    )


async def records(
    kafka: Kafka, partition: TopicPartition, between: Kept | None = None
) -> AsyncGenerator[ConsumerRecord, None]:
    """Read a partition between two offsets, or all that it holds now."""
    if between is not None and between.first >= between.end:
        return  # and nothing is started: aiokafka minds being stopped at once
    consumer = reader(kafka)
    try:
        await consumer.start()
        consumer.assign([partition])
        first, end = between or await _kept(consumer, partition)
        consumer.seek(partition, first)
        # By position and not by record: offsets may be missing, also the last.
        while await consumer.position(partition) < end:
            polled = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
            for record in polled.get(partition, []):
                if _first(record) < end:
                    yield record
    finally:
        await consumer.stop()


async def _kept(consumer: AIOKafkaConsumer, partition: TopicPartition) -> Kept:
    first = await consumer.beginning_offsets([partition])
    end = await consumer.end_offsets([partition])
    return Kept(first[partition], end[partition])


def _first(record: ConsumerRecord) -> int:
    """Say where a record is; one that nobody can parse may stand for several."""
    return record.first if isinstance(record, Unparsable) else record.offset
