"""Alive means making progress; an outage is no standstill."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from analytics import watch
from analytics.metrics import Metrics
from analytics.watch import Watch

PART = TopicPartition("coupons.redemptions.v1", 0)


class AConsumer:
    """What the watch asks of aiokafka's consumer."""

    def __init__(
        self, *, answered_seconds_ago: float, kafka: bool = True, member: bool = True
    ) -> None:
        self._answered_seconds_ago = answered_seconds_ago
        self._kafka = kafka
        task = SimpleNamespace(done=lambda: not member)
        self._coordinator = SimpleNamespace(_coordination_task=task)

    def assignment(self) -> set[TopicPartition]:
        return {PART}

    def last_poll_timestamp(self, _part: TopicPartition) -> float:
        return (time.time() - self._answered_seconds_ago) * 1000  # from now, not from collection

    def highwater(self, _part: TopicPartition) -> int:
        return 100

    async def position(self, _part: TopicPartition) -> int:
        return 60

    async def topics(self) -> set[str]:
        if not self._kafka:
            raise KafkaConnectionError
        return {PART.topic}


def watching(consumer: AConsumer, metrics: Metrics, *, busy: bool = False) -> Watch:
    subscriber = SimpleNamespace(consumer=consumer, lock=SimpleNamespace(empty=not busy))
    looking = Watch(metrics)
    broker: Any = SimpleNamespace(subscribers=[subscriber])
    looking.follow(broker)
    return looking


@pytest.mark.parametrize(
    ("consumer", "busy", "stands"),
    [
        pytest.param(AConsumer(answered_seconds_ago=1), False, False, id="reading"),
        pytest.param(AConsumer(answered_seconds_ago=900), False, True, id="silent"),
        pytest.param(AConsumer(answered_seconds_ago=900), True, False, id="a-batch-waits"),
        pytest.param(
            AConsumer(answered_seconds_ago=900, kafka=False), False, False, id="kafka-is-away"
        ),
        pytest.param(
            AConsumer(answered_seconds_ago=1, member=False), False, True, id="lost-its-group"
        ),
    ],
)
async def test_only_a_consumer_that_could_read_stands_still(
    consumer: AConsumer, busy: bool, stands: bool
) -> None:
    assert await watching(consumer, Metrics(), busy=busy)._stands_still() is stands


async def test_a_standstill_is_told_when_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "STANDSTILL_SECONDS", 0.0)
    looking = watching(AConsumer(answered_seconds_ago=900), Metrics())
    assert looking.standstill() is None
    looking._still_since = time.monotonic()
    assert looking.standstill() == "the consumer reads nothing although Kafka answers"


async def test_the_lag_is_a_metric() -> None:
    metrics = Metrics()
    await watching(AConsumer(answered_seconds_ago=1), metrics)._stands_still()
    page = metrics.page().decode()
    assert 'analytics_consumer_lag{partition="0",topic="coupons.redemptions.v1"} 40.0' in page


async def test_before_the_first_connection_kafka_is_missing() -> None:
    assert await Watch(Metrics()).kafka() == "not connected yet"
