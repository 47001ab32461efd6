"""Publishes what was committed.

Rows are deleted in the transaction that waits for Kafka's acknowledgements, so a crash before
its commit publishes them twice and never loses one: readers must tolerate the repeat. Rows are
sent by id and a key keeps to its partition, so one relay publishes a thing's versions in order;
two relays may not, and readers keep the highest version.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from campaigns.health import Progress
from campaigns.metrics import Metrics
from campaigns.store import outbox
from campaigns.store.connecting import OUTAGES, Connection, connection

BATCH_SIZE = 200  # a chunk of codes is 100 kB: at most 20 MB in memory
ACK_SECONDS = 30  # an idempotent producer would wait for ever
SHORTEST_PAUSE_SECONDS = 0.005
LONGEST_PAUSE_SECONDS = 0.2
OUTAGE_PAUSE_SECONDS = 1.0
CLOSE_SECONDS = 3

log = structlog.get_logger()


class Relay:
    """Moves the outbox to Kafka, on a connection and with a producer of its own."""

    def __init__(self, dsn: str, servers: str, metrics: Metrics) -> None:
        self._dsn = dsn
        self._servers = servers
        self._metrics = metrics
        self._stopping = asyncio.Event()
        self.progress = Progress()

    def stop(self) -> None:
        """Finish the batch in work, then leave `run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Publish until told to stop. An outage costs new connections and no row.

        The producer is rebuilt after every failure: aiokafka never resets an idempotent one that
        is stuck after a gap in its sequence numbers.
        """
        while not self._stopping.is_set():
            try:
                async with (
                    connection(self._dsn) as conn,
                    idempotent_producer(self._servers) as producer,
                ):
                    await self._drain(conn, producer)
            except (KafkaError, *OUTAGES) as outage:
                self.progress.beat()  # waiting is what it should do now
                log.warning("waiting for an outage to end", error=repr(outage))
                await self._pause(OUTAGE_PAUSE_SECONDS)

    async def _drain(self, conn: Connection, producer: AIOKafkaProducer) -> None:
        pause = SHORTEST_PAUSE_SECONDS
        while not self._stopping.is_set():
            moved, age = await relay_batch(conn, producer)
            self.progress.beat()
            self._metrics.published.inc(moved)
            self._metrics.outbox_age_seconds.set(age)
            pause = SHORTEST_PAUSE_SECONDS if moved else min(pause * 2, LONGEST_PAUSE_SECONDS)
            if moved < BATCH_SIZE:
                await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def relay_batch(conn: Connection, producer: AIOKafkaProducer) -> tuple[int, float]:
    """Move one batch to Kafka; return its size and the age of its oldest row in seconds."""
    async with conn.transaction():
        rows = await outbox.claim(conn, BATCH_SIZE)
        async with asyncio.timeout(ACK_SECONDS):
            acks = [
                await producer.send(row["topic"], key=row["key"], value=row["value"])
                for row in rows
            ]
            await asyncio.gather(*acks)
    return len(rows), rows[0]["age"] if rows else 0.0


@contextlib.asynccontextmanager
async def idempotent_producer(servers: str) -> AsyncIterator[AIOKafkaProducer]:
    """Open a producer that waits for all replicas; its end is bounded, without Kafka too."""
    producer = AIOKafkaProducer(
        bootstrap_servers=servers,
        client_id="campaigns",
        enable_idempotence=True,
        compression_type="lz4",
        linger_ms=5,
        max_batch_size=131_072,
    )
    try:
        await producer.start()
        yield producer
    finally:
        with contextlib.suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(producer.stop(), CLOSE_SECONDS)
