"""What the worker subscribes to, and how long it lets the next batch grow."""

import time
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
SHORT_PAUSE_SECONDS = 0.05


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


class Ingestion:
    """Takes everything at once."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def take(self, source: Any, batch: list[ConsumerRecord]) -> None:
        self.taken += [source.topic for _ in batch]


class Consumer:
    async def commit(self, _offsets: Any) -> None:
        return None


@pytest.mark.parametrize(("size", "pauses"), [(1, True), (BIG_BATCH, False)])
async def test_a_small_batch_waits_for_the_next_to_grow(
    size: int, pauses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "PAUSE_SECONDS", SHORT_PAUSE_SECONDS)
    batch = SimpleNamespace(raw_message=records(TOPIC, [b""] * size))
    began = time.monotonic()

    await on_facts(None, batch, Consumer(), Ingestion())  # type: ignore[arg-type]  # as much of each as it uses

    assert (time.monotonic() - began >= SHORT_PAUSE_SECONDS) is pauses


async def test_a_new_key_waits_for_no_pause() -> None:
    batch = SimpleNamespace(raw_message=records(topics.PROJECTS.name, [b""]))
    began = time.monotonic()

    await on_definitions(None, batch, Consumer(), Ingestion())  # type: ignore[arg-type]  # as much of each as it uses

    assert time.monotonic() - began < PAUSE_SECONDS
