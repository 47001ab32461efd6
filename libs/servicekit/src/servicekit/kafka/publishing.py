"""Messages to records: whole batches per partition, because a future per record cost more than it.

The partition is CRC32 of the key, modulo their number: what librdkafka does with a key
(`consistent`), and so all its clients. Java's murmur2 would do as well, as long as every writer of
a topic keeps to one: it was refused because Python has CRC32 in C and murmur2 only in Python.
"""

import asyncio
import contextlib
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from typing import Final

from aiokafka import AIOKafkaProducer

from servicekit.kafka.connection import Kafka
from servicekit.lifecycle import stop_within

STOP_SECONDS: Final = 5.0
# How CloudEvents on Kafka says that a value is the whole event, attributes and all.
CLOUD_EVENT: Final = [("content-type", b"application/cloudevents+json")]
# Below the broker's record limit even before compression; and a request has a batch of each of a
# topic's four partitions, of which our broker takes 4 MiB.
BATCH_BYTES: Final = 900_000


def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition where a key belongs, in every service the same."""
    return zlib.crc32(key) % partitions


@contextlib.asynccontextmanager
async def idempotent_producer(kafka: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    """Lend one to be started by the block; its end is bounded."""
    producer = make_idempotent_producer(kafka)
    try:
        yield producer
    finally:
        await stop_within(producer.stop(), STOP_SECONDS)


def make_idempotent_producer(kafka: Kafka) -> AIOKafkaProducer:
    """Make a producer that waits for all replicas.

    Snappy, because aiokafka's lz4 works at its highest level: 5 µs for an outcome against .3.
    """
    return AIOKafkaProducer(
        **kafka.options(),
        enable_idempotence=True,
        compression_type="snappy",
        linger_ms=0,
        max_batch_size=BATCH_BYTES,
    )


async def publish(producer: AIOKafkaProducer, messages: Iterable[tuple[str, bytes, bytes]]) -> None:
    """Send (topic, key, value) in order, and wait until Kafka has acknowledged all of them."""
    by_partition = defaultdict(list)
    counts: dict[str, int] = {}
    for topic, key, value in messages:
        if topic not in counts:
            counts[topic] = len(await producer.partitions_for(topic))
        by_partition[topic, partition_of(key, counts[topic])].append((key, value))
    acks = []
    for (topic, partition), records in by_partition.items():
        batch = producer.create_batch()
        for key, value in records:
            if batch.append(key=key, value=value, timestamp=None, headers=CLOUD_EVENT) is None:
                acks.append(await producer.send_batch(batch, topic, partition=partition))  # full
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None, headers=CLOUD_EVENT)
        acks.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*acks)
