"""Publishes what was committed.

Rows are deleted in the transaction that waits for Kafka's acknowledgements, so a crash before
its commit publishes them twice and never loses one: readers must tolerate the repeat.

Records go out in whole batches per partition: a future per record cost more than the record. The
partition is CRC32 of the key, as librdkafka has it, so that one key stays in one partition.
"""

import asyncio
import contextlib
import zlib
from collections import defaultdict
from collections.abc import Awaitable
from operator import itemgetter
from typing import Final

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from redemption.metrics import Metrics

log = structlog.get_logger()

BATCH_SIZE: Final = 2000
ACK_SECONDS: Final = 30
COMMAND_SECONDS: Final = 20  # a server that hangs is away: connect anew
STATEMENT_SECONDS: Final = 20
SHORTEST_PAUSE_SECONDS: Final = 0.005
LONGEST_PAUSE_SECONDS: Final = 0.2
OUTAGE_PAUSE_SECONDS: Final = 1.0

# asyncpg calls it an internal error when a statement meets a connection that is just being cut.
POSTGRES_OUTAGES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
OUTAGES = (*POSTGRES_OUTAGES, KafkaError, OSError, TimeoutError)

# ARRAY(…) makes the sub-select run once; a bare IN (… LIMIT …) may be run again for every row.
CLAIM: Final = """
    DELETE FROM outbox WHERE id = ANY (ARRAY(
        SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
    )) RETURNING id, topic, key, value, extract(epoch FROM now() - at)::float8 AS age
"""


class Relay:
    """Moves the outbox to Kafka for ever, on connections of its own."""

    def __init__(self, dsn: str, servers: str, metrics: Metrics) -> None:
        self._dsn = dsn
        self._servers = servers
        self._metrics = metrics
        self._stopping = asyncio.Event()
        self.missing: dict[str, str] = {"postgres": "not connected yet", "kafka": "not asked yet"}

    def stop(self) -> None:
        """Finish the batch in work, then leave `run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Publish until told to stop. An outage costs new connections and no row."""
        while not self._stopping.is_set():
            try:
                await self._connected()
            except OUTAGES as outage:
                log.warning("waiting for an outage to end", error=repr(outage))
                await self._pause(OUTAGE_PAUSE_SECONDS)

    async def _connected(self) -> None:
        conn = await self._reach(
            "postgres", asyncpg.connect(self._dsn, command_timeout=STATEMENT_SECONDS)
        )
        try:
            # Rebuilt after every failure: aiokafka never resets an idempotent producer that is
            # stuck after a gap in its sequence numbers.
            producer = AIOKafkaProducer(
                bootstrap_servers=self._servers,
                enable_idempotence=True,
                compression_type="lz4",
                linger_ms=0,
                max_batch_size=900_000,  # below the broker's record limit even before compression
            )
            try:
                await self._reach("kafka", producer.start())
                await self._drain(conn, producer)
            finally:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(producer.stop(), 5)
        finally:
            with contextlib.suppress(TimeoutError, *OUTAGES):
                await conn.close(timeout=2)

    async def _reach(self, name: str, attempt: Awaitable[asyncpg.Connection]) -> asyncpg.Connection:
        try:
            reached = await asyncio.wait_for(attempt, ACK_SECONDS)
        except OUTAGES as outage:
            self.missing[name] = repr(outage)
            raise
        self.missing.pop(name, None)
        return reached

    async def _drain(self, conn: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        pause = SHORTEST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                moved, age = await relay_batch(conn, producer)
            except POSTGRES_OUTAGES as outage:
                self.missing["postgres"] = repr(outage)
                raise
            except OUTAGES as outage:
                self.missing["kafka"] = repr(outage)
                raise
            self._metrics.published.inc(moved)
            self._metrics.outbox_age_seconds.set(age)
            pause = SHORTEST_PAUSE_SECONDS if moved else min(pause * 2, LONGEST_PAUSE_SECONDS)
            if moved < BATCH_SIZE:
                await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def relay_batch(conn: asyncpg.Connection, producer: AIOKafkaProducer) -> tuple[int, float]:
    """Move one batch to Kafka; return its size and the age of its oldest row in seconds."""
    async with conn.transaction():
        rows = sorted(await conn.fetch(CLAIM, BATCH_SIZE), key=itemgetter(0))
        if rows:
            await asyncio.wait_for(publish(producer, rows), ACK_SECONDS)
    return len(rows), rows[0]["age"] if rows else 0.0


async def publish(producer: AIOKafkaProducer, rows: list[asyncpg.Record]) -> None:
    """Send rows in order, and wait until Kafka has acknowledged all of them."""
    by_partition = defaultdict(list)
    counts: dict[str, int] = {}
    for _, topic, key, value, _ in rows:
        if topic not in counts:
            counts[topic] = len(await producer.partitions_for(topic))
        by_partition[topic, zlib.crc32(key) % counts[topic]].append((key, value))
    acks = []
    for (topic, partition), records in by_partition.items():
        batch = producer.create_batch()
        for key, value in records:
            if batch.append(key=key, value=value, timestamp=None) is None:  # it is full
                acks.append(await producer.send_batch(batch, topic, partition=partition))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        acks.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*acks)
