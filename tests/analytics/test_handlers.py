"""What the worker subscribes to, and how long it lets the next batch grow."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from kit.analytics_samples import records

from analytics import handlers
from analytics.handlers import BIG_BATCH, PAUSE_SECONDS, on_definitions, on_facts, router
from contracts import topics

TOPIC = topics.REDEMPTIONS.name
STORING_SECONDS = 0.125


def test_every_subscription_commits_by_hand() -> None:
    broker = KafkaBroker(routers=[router("analytics")], logger=None)

    assert {s.ack_policy for s in broker.subscribers} == {AckPolicy.MANUAL}


def test_what_contracts_say_analytics_reads_is_read_by_one_group_each() -> None:
    broker = KafkaBroker(routers=[router("analytics")], logger=None)

    subscribers: list[Any] = list(broker.subscribers)
    read = {s.group_id: [topic.name for topic in s.topics] for s in subscribers}

    assert read == {
        "analytics": [topics.VISITS.name, topics.GUESSES.name, topics.REDEMPTIONS.name],
        "analytics-definitions": [
            topics.PROJECTS.name,
            topics.CAMPAIGNS.name,
            topics.SEGMENTS.name,
        ],
    }
    expected = {topic.name for topic in topics.TOPICS if "analytics" in topic.readers}
    assert {name for names in read.values() for name in names} == expected


class Clock:
    """Goes on while something is stored, and notes for how long somebody would sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


class Ingestion:
    """Stores a batch of one table in a moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def take(self, _source: Any, batch: list[ConsumerRecord]) -> None:
        self._clock.now += STORING_SECONDS if batch else 0


class Consumer:
    async def commit(self, _offsets: Any) -> None:
        return None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(handlers, "time", clock)
    monkeypatch.setattr(handlers, "asyncio", clock)
    return clock


@pytest.mark.parametrize(
    ("size", "pauses"), [(1, [PAUSE_SECONDS - STORING_SECONDS]), (BIG_BATCH, [])]
)
async def test_a_small_batch_waits_for_the_next_to_grow(
    size: int, pauses: list[float], clock: Clock
) -> None:
    batch = SimpleNamespace(raw_message=records(TOPIC, [b""] * size))

    await on_facts(None, batch, Consumer(), Ingestion(clock))  # type: ignore[arg-type]  # as much of each as it uses

    assert clock.pauses == pauses


async def test_a_new_key_waits_for_no_pause(clock: Clock) -> None:
    batch = SimpleNamespace(raw_message=records(topics.PROJECTS.name, [b""]))

    await on_definitions(None, batch, Consumer(), Ingestion(clock))  # type: ignore[arg-type]  # as much of each as it uses

    assert (clock.now, clock.pauses) == (STORING_SECONDS, [])
