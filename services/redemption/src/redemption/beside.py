"""Snapshots that take their time, applied beside the others: nobody's switch waits for them.

A limit that appears on a campaign is counted through all of its past, behind its lock; whatever
else concerns that campaign waits for the lock. Until they are applied, Kafka is told of nothing
behind them: after a crash they are read again.
"""

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from redemption import snapshots
from redemption.model import CampaignKey
from redemption.snapshots import Snapshot
from servicekit.kafka.consuming import commit_offsets
from servicekit.lifecycle import background_task

log = structlog.get_logger()

AT_ONCE: Final = 3  # of the pool's connections; the others are for who is in a hurry
PAUSE_SECONDS: Final = 1.0

Place = tuple[TopicPartition, int]
Apply = Callable[[Sequence[Snapshot]], Awaitable[None]]


class Beside:
    """What is being applied beside the batches, and how far each partition may be committed."""

    def __init__(self, apply: Apply, is_outage: Callable[[BaseException], bool]) -> None:
        self._apply = apply
        self._is_outage = is_outage
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting: asyncio.Queue[tuple[AIOKafkaConsumer, Place, Snapshot]] = asyncio.Queue()
        self._unfinished: defaultdict[TopicPartition, set[int]] = defaultdict(set)
        self._read: dict[TopicPartition, int] = {}
        self._busy: Counter[CampaignKey] = Counter()

    def concerns(self, snapshot: Snapshot) -> bool:
        """Tell whether a campaign of this snapshot is at work here."""
        return any(key in self._busy for key in snapshots.campaigns_of(snapshot))

    def take(self, consumer: AIOKafkaConsumer, record: ConsumerRecord, snapshot: Snapshot) -> None:
        """Apply this one as soon as may be, after those of its campaign that came before."""
        partition = TopicPartition(record.topic, record.partition)
        self._unfinished[partition].add(record.offset)
        self._busy.update(snapshots.campaigns_of(snapshot))
        self._waiting.put_nowait((consumer, (partition, record.offset), snapshot))

    async def commit(self, consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
        """Move the group past these records, and past none that is unfinished."""
        for record in records:
            self._read[TopicPartition(record.topic, record.partition)] = record.offset + 1
        ours = consumer.assignment()
        await commit_offsets(
            consumer,
            {
                partition: min(self._unfinished.get(partition) or {read})
                for partition, read in self._read.items()
                if partition in ours
            },
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work beside the block; what is unfinished at its end is read again by who comes next."""
        async with background_task(self._run()):
            yield

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                work = await self._waiting.get()
                await self._slots.acquire()
                group.create_task(self._finish(*work))

    async def _finish(self, consumer: AIOKafkaConsumer, place: Place, snapshot: Snapshot) -> None:
        partition, offset = place
        try:
            await self._until_applied(snapshot)
        finally:
            self._slots.release()
        self._busy.subtract(snapshots.campaigns_of(snapshot))
        self._busy += Counter()  # forgets who has none left
        self._unfinished[partition].discard(offset)
        try:
            await self.commit(consumer, [])
        except (KafkaError, ConsumerStoppedError, OSError, TimeoutError) as error:
            log.info("commit_failed", error=repr(error))  # the next one says it too

    async def _until_applied(self, snapshot: Snapshot) -> None:
        while True:
            try:
                return await self._apply([snapshot])
            except Exception as error:
                if not self._is_outage(error):
                    raise
                log.info("waiting_beside", error=repr(error))
            await asyncio.sleep(PAUSE_SECONDS)
