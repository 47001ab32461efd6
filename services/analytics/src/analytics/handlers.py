"""Kafka in: a batch to ClickHouse, then its offsets; after facts a pause that lets blocks grow.

Definitions have a group of their own: a name that was changed must not wait for the pause.
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
from servicekit.kafka.consuming import at_least_once, commit
from servicekit.kafka.fetching import Tuning

DEFINITIONS = (
    Source(topics.PROJECTS.name, reading.PROJECTS, tables.PROJECTS),
    Source(topics.CAMPAIGNS.name, reading.CAMPAIGNS, tables.CAMPAIGNS),
    Source(topics.SEGMENTS.name, reading.SEGMENTS, tables.SEGMENTS),
)
FACTS = (
    Source(topics.VISITS.name, reading.VISITS, tables.VISITS),
    Source(topics.GUESSES.name, reading.GUESSES, tables.GUESS_EVENTS),
    Source(topics.REDEMPTIONS.name, reading.REDEMPTIONS, tables.REDEMPTION_EVENTS),
)

# ClickHouse wants few and big blocks: one costs it as much as ten thousand rows. So a table gets at
# most two a second, unless so many records came at once that more must be waiting. A lone event is
# in the reports within a second.
PAUSE_SECONDS = 0.5
BIG_BATCH = 9_000

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
    """Read facts as this group, and definitions as one beside it."""
    made = KafkaRouter()
    facts = at_least_once(made, *names(FACTS), group=group, is_outage=is_outage, tuning=TUNING)
    facts(on_facts)
    beside = definitions_group(group)
    at_least_once(made, *names(DEFINITIONS), group=beside, is_outage=is_outage)(on_definitions)
    return made


def definitions_group(group: str) -> str:
    """Name the group beside: members of one that read different topics would unsettle it."""
    return f"{group}-definitions"


def names(sources: Sequence[Source]) -> list[str]:
    return [source.topic for source in sources]


async def on_definitions(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, ingestion: Ingestion
) -> None:
    """Store what the facts' ids mean."""
    await store_batch(DEFINITIONS, message.raw_message, consumer, ingestion)


async def on_facts(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, ingestion: Ingestion
) -> None:
    """Store what happened, and let the next batch grow."""
    started = time.monotonic()
    await store_batch(FACTS, message.raw_message, consumer, ingestion)
    if len(message.raw_message) < BIG_BATCH:
        await asyncio.sleep(PAUSE_SECONDS - (time.monotonic() - started))


async def store_batch(
    sources: Sequence[Source],
    records: Sequence[ConsumerRecord],
    consumer: Consumer,
    ingestion: Ingestion,
) -> None:
    """Store a batch, then commit it: a crash in between stores it again, and changes no figure."""
    for source in sources:
        await ingestion.take(source, [r for r in records if r.topic == source.topic])
    await commit(consumer, records)
