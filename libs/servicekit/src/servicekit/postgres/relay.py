"""Publishes what was committed.

Rows are deleted in the transaction that waits for Kafka's acknowledgements, so a crash before its
commit publishes them twice and never loses one: readers must tolerate the repeat. Rows are sent by
id and a key keeps to its partition, so one relay publishes a thing's versions in order; two relays
may not, and readers keep the highest version. Where Kafka compacts a topic it keeps the last one:
there a relay works `alone`, and others stand by.

An idle relay asks every few milliseconds and not by LISTEN: a NOTIFY in the writers' transactions
would make their commits wait for each other, and a commit is what a decision costs most.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Final, TypeVar

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from servicekit.health import Heartbeat
from servicekit.kafka.connection import Kafka
from servicekit.kafka.publishing import idempotent_producer, publish
from servicekit.lifecycle import STOP_SECONDS, background_task
from servicekit.metrics import Metrics
from servicekit.postgres import outbox
from servicekit.postgres.floor import Floor
from servicekit.postgres.outbox import Lane
from servicekit.postgres.pool import STATEMENT_SECONDS

log = structlog.get_logger()

T = TypeVar("T")

BATCH_ROWS: Final = 160  # of packs of some 28 outcomes; a relay of larger messages takes fewer
ACK_SECONDS: Final = 30  # an idempotent producer would wait for ever
CONNECT_SECONDS: Final = 30
SHORTEST_PAUSE_SECONDS: Final = 0.003
LONGEST_PAUSE_SECONDS: Final = 0.05
BUSY_SECONDS: Final = 2.0  # how long after a row the relay looks for the next without delay
OUTAGE_PAUSE_SECONDS: Final = 1.0
STAND_BY_SECONDS: Final = 0.5

# asyncpg calls it an internal error when a statement meets a connection that is just being cut.
POSTGRES_OUTAGES: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
OUTAGES: Final = (*POSTGRES_OUTAGES, KafkaError, OSError, TimeoutError)


class Relay:
    """Moves a lane of the outbox to Kafka for ever, on connections of its own."""

    def __init__(
        self,
        dsn: str,
        kafka: Kafka,
        metrics: Metrics,
        *,
        batch_rows: int = BATCH_ROWS,
        lane: Lane = Lane.PROMPT,
        alone: bool = False,
    ) -> None:
        self._alone = alone
        self._dsn = dsn
        self._kafka = kafka
        self._metrics = metrics
        self._batch_rows = batch_rows
        self._lane = lane
        self._age = metrics.outbox_age_seconds.labels(lane.name.lower())
        self._stopping = asyncio.Event()
        self.heartbeat = Heartbeat(f"relay of {lane.name.lower()} messages")
        self.missing: dict[str, str] = {"postgres": "not connected yet", "kafka": "not asked yet"}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Publish beside the block, and finish the batch in work at its end."""
        async with background_task(self.run()) as task:
            yield
            self.stop()
            await asyncio.wait([task], timeout=STOP_SECONDS)

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopping.set()

    async def run(self) -> None:
        """Publish until told to stop. An outage costs new connections and no row.

        The producer is rebuilt after every failure: aiokafka never resets an idempotent one that is
        stuck after a gap in its sequence numbers.
        """
        while not self._stopping.is_set():
            try:
                async with (
                    self._postgres() as conn,
                    idempotent_producer(self._kafka) as producer,
                ):
                    # Asked here, because while Kafka is away no claim tells it.
                    self._age.set(await outbox.age(conn, self._lane))
                    await self._reach("kafka", producer.start())
                    if self._alone:
                        await self._stand_by(conn)
                    await self._drain(conn, producer)
            except OUTAGES as outage:
                self.heartbeat.beat()  # waiting is what it should do now
                log.warning("waiting_for_outage", error=repr(outage))
                await self._pause(OUTAGE_PAUSE_SECONDS)

    @contextlib.asynccontextmanager
    async def _postgres(self) -> AsyncIterator[asyncpg.Connection]:
        conn = await self._reach(
            "postgres",
            asyncpg.connect(
                self._dsn,
                command_timeout=STATEMENT_SECONDS,  # a server that hangs is away: connect anew
                server_settings={
                    "application_name": "relay",
                    "enable_seqscan": "off",  # a plan from an empty table would scan for ever
                    # Should Postgres crash, rows that Kafka has may come back and go out twice; in
                    # return no claim waits for a disk.
                    "synchronous_commit": "off",
                    "jit": "off",
                },
            ),
        )
        try:
            yield conn
        finally:
            with contextlib.suppress(TimeoutError, *OUTAGES):
                await conn.close(timeout=2)

    async def _reach(self, name: str, attempt: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reached = await attempt
        except OUTAGES as outage:
            self.missing[name] = repr(outage)
            raise
        self.missing.pop(name, None)
        return reached

    async def _stand_by(self, conn: asyncpg.Connection) -> None:
        """Wait until nobody else empties this lane; the lock ends with our connection."""
        while not self._stopping.is_set() and not await outbox.lock(conn, self._lane):
            self.heartbeat.beat()
            await self._pause(STAND_BY_SECONDS)

    async def _drain(self, conn: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        floor, pause, moved_at = Floor(), SHORTEST_PAUSE_SECONDS, -BUSY_SECONDS
        while not self._stopping.is_set():
            moved = await self._move(conn, producer, floor)
            self.heartbeat.beat()
            now = time.monotonic()
            if moved:  # meanwhile there may be more
                moved_at = now
                continue
            busy = now - moved_at < BUSY_SECONDS
            pause = SHORTEST_PAUSE_SECONDS if busy else min(pause * 2, LONGEST_PAUSE_SECONDS)
            await self._pause(pause)

    async def _move(
        self, conn: asyncpg.Connection, producer: AIOKafkaProducer, floor: Floor
    ) -> int:
        try:
            moved, age = await relay_batch(conn, producer, floor, self._batch_rows, self._lane)
        except POSTGRES_OUTAGES as outage:
            self.missing["postgres"] = repr(outage)
            raise
        except OUTAGES as outage:
            self.missing["kafka"] = repr(outage)
            raise
        self._metrics.published.inc(moved)
        self._age.set(age)
        return moved

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


async def relay_batch(
    conn: asyncpg.Connection,
    producer: AIOKafkaProducer,
    floor: Floor,
    limit: int,
    lane: Lane = Lane.PROMPT,
) -> tuple[int, float]:
    """Move rows to Kafka; return the number of their messages, and the oldest's age in seconds."""
    above = floor.above(time.monotonic())
    if await outbox.is_empty(conn, lane, above):
        return 0, 0.0
    async with conn.transaction():
        rows = await outbox.claim(conn, lane, above, limit)
        messages = [each for row in rows for each in outbox.unpack(row["messages"])]
        if messages:
            async with asyncio.timeout(ACK_SECONDS):
                await publish(producer, messages)
    if not rows:
        return 0, 0.0
    floor.reached(rows[-1]["id"])
    return len(messages), rows[0]["age"]
