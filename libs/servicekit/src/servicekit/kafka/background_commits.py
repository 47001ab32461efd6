"""Commits offsets behind the handlers, some ten times a second, instead of after every batch.

For subscriptions whose records may come again without harm: after a crash those of the last moment
do. Committed one by one, small batches waited longer for their commits than for their work.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from servicekit.kafka.consuming import COMMIT_SECONDS
from servicekit.lifecycle import background_task, stop_within

log = structlog.get_logger()

EVERY_SECONDS: Final = 0.1
LAST_SECONDS: Final = 2.0  # a group that is about to agree anew answers no commit


class BackgroundCommits:
    """Offsets of one consumer that are dealt with and not committed; a class because it waits."""

    def __init__(self) -> None:
        self._consumer: AIOKafkaConsumer | None = None
        self._offsets: dict[TopicPartition, int] = {}

    def note(self, consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
        """Have the group moved past these records, which are dealt with for good."""
        self._consumer = consumer
        for record in records:
            self._offsets[TopicPartition(record.topic, record.partition)] = record.offset + 1

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Commit beside the block, and at its end what is left, if Kafka takes it at once."""
        async with background_task(self._run()):
            yield
        await stop_within(self.flush(), LAST_SECONDS)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Commit what is noted of the partitions that are ours; the others are their new owners'.

        What fails is tried again, unless something newer is noted by then.
        """
        consumer, noted, self._offsets = self._consumer, self._offsets, {}
        if consumer is None:
            return
        ours = consumer.assignment()
        offsets = {partition: offset for partition, offset in noted.items() if partition in ours}
        if not offsets:
            return
        try:
            # Not `wait_for`: before Python 3.12 it may swallow the cancellation that ends `_run`.
            async with asyncio.timeout(COMMIT_SECONDS):
                await consumer.commit(offsets)
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("commit_failed", error=repr(error))
            self._offsets = offsets | self._offsets
