"""Kafka in: read a batch, set aside what cannot be read, remember the rest, commit."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer

from campaigns import dead_letters
from campaigns.consuming import GROUP, at_least_once, commit
from campaigns.dead_letters import Unreadable
from campaigns.metrics import Metrics
from campaigns.reading import sort_out
from campaigns.store import enforced, vouchers
from campaigns.store.connecting import transaction
from campaigns.store.vouchers import Count
from campaigns.watching import Watch
from contracts import topics
from contracts.applied import SnapshotApplied
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded

log = structlog.get_logger()

LARGEST_VERSION = 2**31 - 1
LARGEST_COUNT = 2**63 - 1


class Tools(NamedTuple):
    """What the handlers work with, made by the composition root."""

    pool: asyncpg.Pool
    dead_letter_producer: AIOKafkaProducer | None  # None: only to describe the subscriptions
    metrics: Metrics
    watch: Watch


Given = Annotated[Tools, Context("tools")]


def router() -> KafkaRouter:
    """Make the subscriptions of the worker role."""
    subscriptions = KafkaRouter()
    at_least_once(subscriptions, topics.APPLIED.name)(on_applied)
    at_least_once(subscriptions, topics.REDEMPTIONS.name)(on_redemptions)
    return subscriptions


async def on_applied(_bodies: Any, message: KafkaMessage, consumer: Consumer, tools: Given) -> None:
    """Remember which versions redemption enforces: kill switches wait for it."""
    records: Sequence[ConsumerRecord] = message.raw_message
    tools.watch.beat(topics.APPLIED.name)
    events, unreadable = sort_out(records, SnapshotApplied, _applied_fits)
    await _set_aside(tools, topics.APPLIED, unreadable)
    if events:
        async with transaction(tools.pool) as conn:
            await enforced.note(conn, [(event.projectid, event.data) for event in events])
    await commit(consumer, records)
    tools.metrics.applied.inc(len(events))


async def on_redemptions(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, tools: Given
) -> None:
    """Follow how often each code was used."""
    records: Sequence[ConsumerRecord] = message.raw_message
    tools.watch.beat(topics.REDEMPTIONS.name)
    events, unreadable = sort_out(
        records, RedemptionSucceeded, _succeeded_fits, (RedemptionFailed,)
    )
    await _set_aside(tools, topics.REDEMPTIONS, unreadable)
    if events:
        async with transaction(tools.pool) as conn:
            followed = await vouchers.note_uses(conn, [_count(event) for event in events])
        tools.metrics.uses_followed.inc(followed)
    await commit(consumer, records)


def _count(event: RedemptionSucceeded) -> Count:
    return Count(event.projectid, event.data.voucher_id, event.data.uses, event.data.sequence)


def _applied_fits(event: SnapshotApplied) -> bool:
    return "\0" not in event.data.id and 0 <= event.data.version <= LARGEST_VERSION


def _succeeded_fits(event: RedemptionSucceeded) -> bool:
    numbers = (event.data.uses, event.data.sequence)
    return "\0" not in event.data.voucher_id and all(0 <= n <= LARGEST_COUNT for n in numbers)


async def _set_aside(tools: Tools, topic: topics.Topic, unreadable: Sequence[Unreadable]) -> None:
    if not unreadable:
        return
    for record, error in unreadable:
        log.warning(
            "set aside",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            error=type(error).__name__,
        )
    tools.metrics.dead_letters.labels(topic.name).inc(len(unreadable))
    if tools.dead_letter_producer is None:
        raise RuntimeError("the worker consumes without a producer for dead letters")
    await dead_letters.set_aside(tools.dead_letter_producer, GROUP, unreadable)
