"""Liveness by progress: a consumer can look alive and read nothing.

FastStream never rebuilds a broken consumer, and aiokafka's own check is lost after an exception.
So this looks at what the broker answered, and when. An outage is no standstill: while Kafka is
away, or a batch waits for ClickHouse, a restart would help nobody.
"""

import asyncio
import time
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from analytics.metrics import Metrics

LOOK_SECONDS = 1.0
ANSWER_SECONDS = 3.0
SILENCE_SECONDS = 10.0
STANDSTILL_SECONDS = 60.0


class Watch:
    """Looks at the consumer once a second, and remembers since when it stands still."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._broker: KafkaBroker | None = None
        self._still_since: float | None = None

    def follow(self, broker: KafkaBroker) -> None:
        """Look at this broker's subscription from now on."""
        self._broker = broker
        self._still_since = None

    async def run(self) -> None:
        """Look for ever."""
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(LOOK_SECONDS)
            self._metrics.loop_lag.set(time.monotonic() - asleep - LOOK_SECONDS)
            try:
                if not await self._stands_still():
                    self._still_since = None
                elif self._still_since is None:
                    self._still_since = time.monotonic()
            except (KafkaError, AssertionError):  # a rebalance took a partition meanwhile
                continue

    def standstill(self) -> str | None:
        """Say so when nothing has been read for too long although it could be."""
        since = self._still_since
        if since is None or time.monotonic() - since < STANDSTILL_SECONDS:
            return None
        return "the consumer reads nothing although Kafka answers"

    async def kafka(self) -> str:
        """Return "ok", or why records do not come."""
        _, consumer = self._reading()
        if consumer is None:
            return "not connected yet"
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await consumer.topics()
        except (KafkaError, OSError, TimeoutError) as error:
            return f"no answer: {error!r}"
        return "ok"

    async def _stands_still(self) -> bool:
        subscriber, consumer = self._reading()
        if consumer is None:  # not started, or on its way out
            return False
        age = await self._age_of_last_answer(consumer)
        self._metrics.poll_age.set(age)
        outside_group = consumer._coordinator._coordination_task.done()  # noqa: SLF001  # no other way
        silent = subscriber.lock.empty and age > SILENCE_SECONDS
        return (outside_group or silent) and await self.kafka() == "ok"

    def _reading(self) -> tuple[Any, AIOKafkaConsumer | None]:
        for subscriber in self._broker.subscribers if self._broker is not None else ():
            return subscriber, subscriber.consumer  # type: ignore[attr-defined]  # of Kafka's kind
        return None, None

    async def _age_of_last_answer(self, consumer: AIOKafkaConsumer) -> float:
        newest = 0.0
        for partition in consumer.assignment():
            answered, end = consumer.last_poll_timestamp(partition), consumer.highwater(partition)
            if answered is not None and end is not None:
                newest = max(newest, answered / 1000)
                waiting = end - await consumer.position(partition)
                self._metrics.consumer_lag.labels(partition.topic, partition.partition).set(waiting)
        return time.time() - newest if newest else 0.0
