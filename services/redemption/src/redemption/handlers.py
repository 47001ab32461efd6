"""Kafka in: read a batch, set aside what cannot be read, ask the decider, commit."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple, TypeVar

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer
from pydantic import Field, TypeAdapter, ValidationError

from contracts import topics
from redemption import dead_letters, snapshots, wire
from redemption.answers import OK
from redemption.consuming import SERVICE, at_least_once, commit
from redemption.dead_letters import Unreadable
from redemption.decider import Decider
from redemption.decisions import Request
from redemption.metrics import Metrics

log = structlog.get_logger()

T = TypeVar("T")

LATEST_MILLISECONDS = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)
BROKER_TIME = 1  # Kafka's timestamp type LogAppendTime
TOO_MANY = 100  # unreadable snapshots in a row: they come from us, so the fault is ours


class Tools(NamedTuple):
    """What the handlers work with, made by the composition root."""

    decider: Decider
    pool: asyncpg.Pool
    dead_letter_producer: AIOKafkaProducer | None  # None: only to describe the subscriptions
    metrics: Metrics
    customer_key: bytes


Given = Annotated[Tools, Context("tools")]

SNAPSHOT: TypeAdapter[snapshots.Snapshot] = TypeAdapter(
    Annotated[snapshots.Snapshot, Field(discriminator="type")]
)


def router() -> KafkaRouter:
    """Make the subscriptions of the worker role."""
    subscriptions = KafkaRouter()
    at_least_once(subscriptions, group=SERVICE, pattern=topics.REQUEST_TOPICS_PATTERN)(
        on_redemption_requests
    )
    at_least_once(
        subscriptions,
        topics.PROJECTS.name,
        topics.CAMPAIGNS.name,
        topics.VOUCHERS.name,
        group=f"{SERVICE}-snapshots",
        max_records=100,  # a record may be a chunk of a thousand codes
    )(on_snapshots)
    return subscriptions


async def on_redemption_requests(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, tools: Given
) -> None:
    """Decide a batch of requests, each judged at its record's timestamp."""
    began = time.perf_counter()
    records: Sequence[ConsumerRecord] = message.raw_message
    requests, unreadable = _sort_out(records, lambda r: _request(r, tools.customer_key))
    await _set_aside(tools, unreadable)
    answers = await tools.decider.decide(requests)
    decided = time.perf_counter()
    await commit(consumer, records)
    log.info(
        "batch decided",
        requests=len(requests),
        accepted=sum(answer.status == OK for answer in answers),
        dead_letters=len(unreadable),
        first_offset=records[0].offset,
        last_offset=records[-1].offset,
        milliseconds=round((decided - began) * 1000, 1),
        commit_milliseconds=round((time.perf_counter() - decided) * 1000, 1),
    )


async def on_snapshots(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, tools: Given
) -> None:
    """Apply a batch of snapshots."""
    records: Sequence[ConsumerRecord] = message.raw_message
    changed, unreadable = _sort_out(records, _snapshot)
    if len(unreadable) == len(records) >= TOO_MANY:
        raise RuntimeError(f"none of {len(records)} snapshots can be read: {unreadable[0].error}")
    await _set_aside(tools, unreadable)
    if changed:
        await snapshots.apply(tools.pool, changed)
    await commit(consumer, records)


def _request(record: ConsumerRecord, customer_key: bytes) -> Request:
    live = record.topic != topics.REDEMPTION_REQUESTS_HISTORY.name
    if live and record.timestamp_type != BROKER_TIME:
        # Judging by it would let the sender choose the moment: stop until the topic is mended.
        raise RuntimeError(f"{record.topic} must have message.timestamp.type=LogAppendTime")
    if not 0 <= record.timestamp < LATEST_MILLISECONDS:
        raise wire.UnreadableError(f"timestamp {record.timestamp} is not within 1970 to 2200")
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return wire.read(record.value, record.topic, at, customer_key)


def _snapshot(record: ConsumerRecord) -> snapshots.Snapshot:
    return SNAPSHOT.validate_json(record.value or b"")


def _sort_out(
    records: Sequence[ConsumerRecord], read: Callable[[ConsumerRecord], T]
) -> tuple[list[T], list[Unreadable]]:
    """Judge records one by one: an unreadable one must not hold up its neighbours."""
    readable, unreadable = [], []
    for record in records:
        try:
            readable.append(read(record))
        except (wire.UnreadableError, ValidationError) as error:
            unreadable.append(Unreadable(record, error))
    return readable, unreadable


async def _set_aside(tools: Tools, unreadable: Sequence[Unreadable]) -> None:
    if not unreadable:
        return
    for record, error in unreadable:
        tools.metrics.dead_letters.labels(record.topic).inc()
        log.warning(
            "set aside", topic=record.topic, offset=record.offset, error=type(error).__name__
        )
    assert tools.dead_letter_producer is not None  # noqa: S101 - the worker starts it first
    await dead_letters.set_aside(tools.dead_letter_producer, SERVICE, unreadable)
