"""Snapshots that take their time, applied beside the others: nobody's switch waits for them.

A limit that appears on a campaign is counted through all of its past, behind its lock; whatever
else concerns that campaign waits for the lock. A campaign's are applied one after the other, and of
a project two campaigns' at a time, in turns with other projects': nobody's many limits keep another
waiting. Until they are applied, Kafka is told of nothing behind them: after a crash they are read
again.
"""

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from redemption.applying import snapshots
from redemption.applying.snapshots import Snapshot
from redemption.model import CampaignKey
from servicekit.kafka.consuming import commit_offsets
from servicekit.lifecycle import background_task

log = structlog.get_logger()

AT_ONCE: Final = 4  # of the pool's connections; the others are for who is in a hurry
OF_ONE_PROJECT: Final = 2  # what met a lock for a moment need not wait for a recount
PAUSE_SECONDS: Final = 1.0

Work = tuple[AIOKafkaConsumer, ConsumerRecord, Snapshot]
Apply = Callable[[Sequence[Snapshot]], Awaitable[None]]


class Beside:
    """What is being applied beside the batches, and how far each partition may be committed."""

    def __init__(self, apply: Apply, is_outage: Callable[[BaseException], bool]) -> None:
        self._apply = apply
        self._is_outage = is_outage
        self._slots = asyncio.Semaphore(AT_ONCE)  # who waits longest is next
        self._slots_of = defaultdict[str, asyncio.Semaphore](
            lambda: asyncio.Semaphore(OF_ONE_PROJECT)
        )
        self._work_of: dict[CampaignKey, deque[Work]] = {}
        self._campaigns: asyncio.Queue[CampaignKey] = asyncio.Queue()
        self._unfinished: defaultdict[TopicPartition, set[int]] = defaultdict(set)
        self._read: dict[TopicPartition, int] = {}

    def concerns(self, snapshot: Snapshot) -> bool:
        """Tell whether a campaign of this snapshot is at work here."""
        return any(key in self._work_of for key in snapshots.campaigns_of(snapshot))

    def take(self, consumer: AIOKafkaConsumer, record: ConsumerRecord, snapshot: Snapshot) -> None:
        """Apply this one as soon as may be, after those of its campaign that came before."""
        self._unfinished[TopicPartition(record.topic, record.partition)].add(record.offset)
        campaign = snapshots.concern_of(snapshot)
        if campaign not in self._work_of:
            self._work_of[campaign] = deque()
            self._campaigns.put_nowait(campaign)
        self._work_of[campaign].append((consumer, record, snapshot))

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
                group.create_task(self._serve(await self._campaigns.get()))

    async def _serve(self, campaign: CampaignKey) -> None:
        waiting = self._work_of[campaign]
        while waiting:
            consumer, record, snapshot = waiting[0]
            async with self._slots_of[snapshot.projectid], self._slots:
                await self._until_applied(snapshot)
            waiting.popleft()
            if not waiting:
                del self._work_of[campaign]
            await self._finish(consumer, record)

    async def _finish(self, consumer: AIOKafkaConsumer, record: ConsumerRecord) -> None:
        self._unfinished[TopicPartition(record.topic, record.partition)].discard(record.offset)
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
