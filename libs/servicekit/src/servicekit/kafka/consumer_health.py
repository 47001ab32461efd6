"""Liveness by progress: a consumer can look alive and read nothing.

FastStream never rebuilds a broken consumer, and aiokafka's own check is lost after an exception.
So this looks at what the broker answered, and when. An outage is no standstill: while Kafka is
away, or a batch waits for its store, a restart would help nobody.
"""

import asyncio
import time
from collections.abc import Collection
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from servicekit.health import Probe
from servicekit.metrics import Metrics

LOOK_SECONDS = 1.0
ANSWER_SECONDS = 3.0
SILENCE_SECONDS = 10.0
STANDSTILL_SECONDS = 60.0


class ConsumerHealth:
    """Looks at every subscription once a second, and remembers since when each stands still."""

    def __init__(self, metrics: Metrics, kafka_answers: Probe) -> None:
        self._metrics = metrics
        self._kafka_answers = kafka_answers
        self._broker: KafkaBroker | None = None
        self._still_since: dict[str, float] = {}
        self._reported: dict[str, set[TopicPartition]] = {}

    def follow(self, broker: KafkaBroker) -> None:
        """Look at this broker's subscriptions from now on: it has been started."""
        self._broker = broker
        self._still_since.clear()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Look once at every subscription."""
        for subscriber in self._subscribers():
            group = str(subscriber.group_id)
            try:
                stands = await self._stands_still(subscriber)
            except (KafkaError, AssertionError):  # a rebalance took a partition meanwhile
                continue
            if stands:
                self._still_since.setdefault(group, time.monotonic())
            else:
                self._still_since.pop(group, None)

    def stuck_reason(self) -> str | None:
        """Say so when nothing has been read for too long although it could be."""
        for group, since in self._still_since.items():
            if time.monotonic() - since >= STANDSTILL_SECONDS:
                return f"the group {group} reads nothing although Kafka answers"
        return None

    async def probe(self) -> str | None:
        """Say why records do not come, or None."""
        reason = await self._kafka_answers()
        return reason or (None if self._broker is not None else "not connected yet")

    def _subscribers(self) -> list[Any]:
        return list(self._broker.subscribers) if self._broker is not None else []

    async def _stands_still(self, subscriber: Any) -> bool:
        consumer: AIOKafkaConsumer | None = subscriber.consumer
        if consumer is None:  # on its way out
            return False
        self._forget_lag_of_others(str(subscriber.group_id), consumer.assignment())
        age = await self._age_of_last_answer(consumer)
        self._metrics.fetch_age_seconds.labels(subscriber.group_id).set(age)
        outside_group = consumer._coordinator._coordination_task.done()  # noqa: SLF001  # no other way
        silent = subscriber.lock.empty and age > SILENCE_SECONDS
        return (outside_group or silent or not subscriber.running) and await self._could_read()

    async def _could_read(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._kafka_answers() is None
        except (KafkaError, OSError, TimeoutError):
            return False

    async def _age_of_last_answer(self, consumer: AIOKafkaConsumer) -> float:
        newest = 0.0
        for partition in consumer.assignment():
            answered, end = consumer.last_poll_timestamp(partition), consumer.highwater(partition)
            if answered is not None and end is not None:
                newest = max(newest, answered / 1000)
                waiting = end - await consumer.position(partition)
                self._metrics.consumer_lag.labels(partition.topic, partition.partition).set(waiting)
        return time.time() - newest if newest else 0.0

    def _forget_lag_of_others(self, group: str, own: Collection[TopicPartition]) -> None:
        """Leave the lag of a partition that moved to whoever has it now: replicas scale on it."""
        for gone in self._reported.get(group, set()) - set(own):
            self._metrics.consumer_lag.remove(gone.topic, gone.partition)
        self._reported[group] = set(own)
