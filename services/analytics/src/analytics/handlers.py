"""Kafka in: a batch to ClickHouse, then its offsets, then a pause that lets the next one grow.

One subscription for every topic: members of a group that read different topics would take seconds
to agree who reads what. Definitions come before what refers to them.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated, Any

from aiokafka import ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer

from analytics import ingest, reading, tables
from analytics.ingest import Source
from analytics.store import is_outage
from contracts import topics
from servicekit.kafka.consuming import Tuning, at_least_once, commit

SOURCES = (
    Source(topics.PROJECTS.name, reading.PROJECTS, tables.PROJECTS),
    Source(topics.CAMPAIGNS.name, reading.CAMPAIGNS, tables.CAMPAIGNS),
    Source(topics.VISITS.name, reading.VISITS, tables.VISITS),
    Source(topics.REDEMPTIONS.name, reading.REDEMPTIONS, tables.REDEMPTION_EVENTS),
)

# ClickHouse wants few and big blocks: one costs it as much as ten thousand rows. So a table gets at
# most two a second, unless so many records came at once that more must be waiting. A lone event is
# in the reports within a second.
PAUSE_SECONDS = 0.5
BIG_BATCH = 9_000

GROUP = "analytics"

TUNING = Tuning(
    max_records=10_000,
    poll_ms=100,
    # One fetch is under way per broker: while it waits for idle topics, busy ones stand still.
    fetch_max_wait_ms=50,
    fetch_max_bytes=64 * 1024 * 1024,
    max_partition_fetch_bytes=8 * 1024 * 1024,  # some 10,000 outcomes
    heartbeat_interval_ms=1_000,  # how soon a member notices that another one came or left
)

Ingestion = Annotated[ingest.Ingestion, Context("ingestion")]


def router(group: str) -> KafkaRouter:
    """Read every topic that analytics reads."""
    made = KafkaRouter()
    names = [source.topic for source in SOURCES]
    at_least_once(made, *names, group=group, is_outage=is_outage, tuning=TUNING)(on_events)
    return made


async def on_events(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, ingestion: Ingestion
) -> None:
    """Store a batch, then commit it: a crash in between stores it again, and changes no figure."""
    started = time.monotonic()
    records: Sequence[ConsumerRecord] = message.raw_message
    for source in SOURCES:
        await ingestion.take(source, [r for r in records if r.topic == source.topic])
    await commit(consumer, records)
    if len(records) < BIG_BATCH:
        await asyncio.sleep(PAUSE_SECONDS - (time.monotonic() - started))
