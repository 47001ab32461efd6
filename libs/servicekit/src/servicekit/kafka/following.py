"""A small compacted topic, read whole and then followed, by every process for itself.

For tables that are kept in memory: no group, no commits, nothing written. Whatever goes wrong with
the connection, everything is read anew: what takes the records must not mind repeats.
"""

import asyncio
import time
from collections.abc import Callable

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from servicekit.health import Heartbeat
from servicekit.kafka.connection import Kafka
from servicekit.kafka.distrust import distrust
from servicekit.lifecycle import RETRY_SECONDS, stop_within

log = structlog.get_logger()

POLL_MS = 1_000  # records end the wait at once
SILENCE_SECONDS = 10.0  # the broker answers twice a second, records or not
STALE_SECONDS = 30.0  # a broker that is started again is back by then
STOPPED_WITHIN_SECONDS = 3

Take = Callable[[ConsumerRecord], None]


class Freshness:
    """How far a topic has been read, and when the broker last answered; a class as it remembers."""

    def __init__(self, topic: str) -> None:
        self.caught_up = asyncio.Event()  # what was there at the start has been handed over
        self.answered_at = time.time()
        self.heartbeat = Heartbeat(f"following {topic}")

    @property
    def age(self) -> float:
        """Return the seconds since the last answer; what came later is not known here."""
        return time.time() - self.answered_at

    async def probe(self) -> str | None:
        """Say why what was read is not what is there."""
        if not self.caught_up.is_set():
            return "not read yet"
        return f"stale: no answer for {self.age:.0f} s" if self.age > STALE_SECONDS else None

    def stuck_reason(self) -> str | None:
        """Say so when it neither reads nor tries to: while Kafka is away, it tries."""
        return self.heartbeat.stuck_reason()


async def follow(kafka: Kafka, topic: str, take: Take, freshness: Freshness) -> None:
    """Hand over every record of the topic from its first on, for ever.

    What cannot be parsed comes as it does to every reader (`reading.parsed`). A consumer that gets
    no answers makes way for another one.
    """
    distrust()
    while True:
        freshness.heartbeat.beat()
        consumer = AIOKafkaConsumer(
            topic,
            **kafka.options(),
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                await consumer.start()
            await _read(consumer, take, freshness)
        except (KafkaError, OSError) as outage:
            log.warning("reading_anew", topic=topic, error=repr(outage))
        finally:
            await stop_within(_disconnect(consumer), STOPPED_WITHIN_SECONDS)
        await asyncio.sleep(RETRY_SECONDS)


async def _disconnect(consumer: AIOKafkaConsumer) -> None:
    try:
        await consumer.stop()
    finally:  # it fails on its way while a fetch waits to be repeated, and would stay connected
        await consumer._client.close()  # noqa: SLF001  # no other way


async def _read(consumer: AIOKafkaConsumer, take: Take, freshness: Freshness) -> None:
    partitions = consumer.assignment()
    if not partitions:
        raise UnknownTopicOrPartitionError
    began = time.time()
    async with asyncio.timeout(SILENCE_SECONDS):
        ends = await consumer.end_offsets(partitions)
    while True:
        for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                take(record)
        if consumer.assignment() != partitions:  # a broker that starts may know no topic yet
            raise UnknownTopicOrPartitionError
        # Every partition's: any of them may have the record that revokes a key.
        answered = min(consumer.last_poll_timestamp(p) or 0 for p in partitions) / 1000
        freshness.answered_at = max(freshness.answered_at, answered)
        if time.time() - max(began, freshness.answered_at) > SILENCE_SECONDS:
            raise TimeoutError(f"no answer for {SILENCE_SECONDS:g} s")
        freshness.heartbeat.beat()
        if not freshness.caught_up.is_set():
            async with asyncio.timeout(SILENCE_SECONDS):
                positions = {p: await consumer.position(p) for p in partitions}
            if all(positions[p] >= ends[p] for p in partitions):
                freshness.caught_up.set()
