"""What the worker subscribes to, and how long it lets the next batch grow."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from kit.analytics_samples import a_success, records

from analytics.handlers import BIG_BATCH, PAUSE_SECONDS, SOURCES, on_events, router
from contracts import topics

TOPIC = topics.REDEMPTIONS.name


def test_every_subscription_commits_by_hand() -> None:
    broker = KafkaBroker(routers=[router("analytics")], logger=None)

    assert {s.ack_policy for s in broker.subscribers} == {AckPolicy.MANUAL}
    (subscriber,) = broker.subscribers
    assert subscriber.group_id == "analytics"  # type: ignore[attr-defined]


def test_what_contracts_say_analytics_reads_is_read() -> None:
    expected = {topic.name for topic in topics.TOPICS if "analytics" in topic.readers}
    assert {source.topic for source in SOURCES} == expected


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
async def test_a_small_batch_waits_for_the_next_to_grow(size: int, pauses: bool) -> None:
    batch = SimpleNamespace(raw_message=records(TOPIC, [b""] * size))
    began = time.monotonic()

    await on_events(None, batch, Consumer(), Ingestion())  # type: ignore[arg-type]  # as much of each as it uses

    assert (time.monotonic() - began >= PAUSE_SECONDS) is pauses


async def test_definitions_come_before_what_refers_to_them() -> None:
    mixed = [
        *records(TOPIC, [a_success()]),
        *records(topics.PROJECTS.name, [b""]),
        *records(topics.CAMPAIGNS.name, [b""]),
    ] * BIG_BATCH
    ingestion = Ingestion()

    await on_events(None, SimpleNamespace(raw_message=mixed), Consumer(), ingestion)  # type: ignore[arg-type]  # as much of each as it uses

    assert list(dict.fromkeys(ingestion.taken)) == [
        topics.PROJECTS.name,
        topics.CAMPAIGNS.name,
        TOPIC,
    ]
