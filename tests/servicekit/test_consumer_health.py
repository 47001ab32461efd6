"""Alive means making progress; an outage is no standstill."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from servicekit.health import Probe
from servicekit.kafka import consumer_health
from servicekit.kafka.consumer_health import ConsumerHealth
from servicekit.metrics import Metrics

PART = TopicPartition("coupons.redemptions.v1", 0)


async def answers() -> str | None:
    return None


async def away() -> str | None:
    raise KafkaConnectionError


class AConsumer:
    """What the watch asks of aiokafka's consumer."""

    def __init__(self, *, answered_seconds_ago: float, member: bool = True) -> None:
        self._answered_seconds_ago = answered_seconds_ago
        self.parts = {PART}
        task = SimpleNamespace(done=lambda: not member)
        self._coordinator = SimpleNamespace(_coordination_task=task)

    def assignment(self) -> set[TopicPartition]:
        return self.parts

    def last_poll_timestamp(self, _part: TopicPartition) -> float:
        return (time.time() - self._answered_seconds_ago) * 1000  # from now, not from collection

    def highwater(self, _part: TopicPartition) -> int:
        return 100

    async def position(self, _part: TopicPartition) -> int:
        return 60


def watching(
    *consumers: AConsumer | None,
    metrics: Metrics | None = None,
    kafka: Probe = answers,
    busy: bool = False,
) -> ConsumerHealth:
    health = ConsumerHealth(metrics or Metrics("kit", "test"), kafka)
    subscribers = [
        SimpleNamespace(
            consumer=each,
            group_id=f"group-{number}",
            running=True,
            lock=SimpleNamespace(empty=not busy),
        )
        for number, each in enumerate(consumers)
    ]
    broker: Any = SimpleNamespace(subscribers=subscribers)
    health.follow(broker)
    return health


READING = AConsumer(answered_seconds_ago=1)
SILENT = AConsumer(answered_seconds_ago=900)
OUTSIDE = AConsumer(answered_seconds_ago=1, member=False)


@pytest.mark.parametrize(
    ("health", "stuck"),
    [
        pytest.param(watching(READING), False, id="reading"),
        pytest.param(watching(SILENT), True, id="silent"),
        pytest.param(watching(READING, SILENT), True, id="one-of-two-silent"),
        pytest.param(watching(SILENT, busy=True), False, id="a-batch-waits"),
        pytest.param(watching(SILENT, kafka=away), False, id="kafka-is-away"),
        pytest.param(watching(OUTSIDE), True, id="lost-its-group"),
        pytest.param(watching(None), False, id="on-its-way-out"),
    ],
)
async def test_only_a_consumer_that_could_read_stands_still(
    health: ConsumerHealth, stuck: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_health, "STANDSTILL_SECONDS", 0.0)
    await health.look()
    assert (health.stuck_reason() is not None) is stuck


async def test_a_standstill_is_told_when_it_lasts() -> None:
    health = watching(SILENT)
    await health.look()
    assert health.stuck_reason() is None


async def test_the_lag_is_a_metric() -> None:
    metrics = Metrics("analytics", "worker")
    await watching(READING, metrics=metrics).look()
    assert 'partition="0"' in (page := metrics.page().decode())
    assert 'topic="coupons.redemptions.v1"} 40.0' in page


async def test_the_lag_of_a_partition_that_moved_is_told_by_whoever_has_it_now() -> None:
    consumer = AConsumer(answered_seconds_ago=1)
    health = watching(consumer, metrics=(metrics := Metrics("analytics", "worker")))
    await health.look()

    consumer.parts = {PART._replace(partition=1)}
    await health.look()

    page = metrics.page().decode()
    assert 'consumer_lag{partition="1"' in page
    assert 'consumer_lag{partition="0"' not in page
    consumer.parts = set()
    await health.look()
    assert "consumer_lag{" not in metrics.page().decode()


async def test_before_the_first_connection_kafka_is_missing() -> None:
    health = ConsumerHealth(Metrics("kit", "test"), answers)
    assert await health.probe() == "not connected yet"
    assert health.stuck_reason() is None
    assert await watching(READING).probe() is None
