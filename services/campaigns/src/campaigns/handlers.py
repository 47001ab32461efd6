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
from campaigns.propagation import store as applied_versions
from campaigns.reading import sort_out
from campaigns.store.connecting import transaction
from campaigns.vouchers import store as vouchers
from campaigns.vouchers.store import UseCount
from campaigns.watching import Watch
from contracts import topics
from contracts.applied import SnapshotApplied
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded

log = structlog.get_logger()


class Dependencies(NamedTuple):
    """What the handlers work with, made by the composition root."""

    pool: asyncpg.Pool
    dead_letter_producer: AIOKafkaProducer | None  # None: only to describe the subscriptions
    metrics: Metrics
    watch: Watch


Deps = Annotated[Dependencies, Context("dependencies")]


def router() -> KafkaRouter:
    """Make the subscriptions of the worker role."""
    subscriptions = KafkaRouter()
    at_least_once(subscriptions, topics.APPLIED.name)(on_applied)
    at_least_once(subscriptions, topics.REDEMPTIONS.name)(on_redemptions)
    return subscriptions


async def on_applied(_bodies: Any, message: KafkaMessage, consumer: Consumer, deps: Deps) -> None:
    """Remember which versions redemption enforces: kill switches wait for it."""
    records: Sequence[ConsumerRecord] = message.raw_message
    deps.watch.beat(topics.APPLIED.name)
    events, unreadable = sort_out(records, SnapshotApplied)
    await _set_aside(deps, topics.APPLIED, unreadable)
    if events:
        async with transaction(deps.pool) as conn:
            await applied_versions.upsert(conn, [(event.projectid, event.data) for event in events])
    await commit(consumer, records)
    deps.metrics.applied.inc(len(events))


async def on_redemptions(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, deps: Deps
) -> None:
    """Follow how often each code was used."""
    records: Sequence[ConsumerRecord] = message.raw_message
    deps.watch.beat(topics.REDEMPTIONS.name)
    events, unreadable = sort_out(records, RedemptionSucceeded, (RedemptionFailed,))
    await _set_aside(deps, topics.REDEMPTIONS, unreadable)
    if events:
        async with transaction(deps.pool) as conn:
            followed = await vouchers.update_uses(conn, [_count(event) for event in events])
        deps.metrics.uses_followed.inc(followed)
    await commit(consumer, records)


def _count(event: RedemptionSucceeded) -> UseCount:
    return UseCount(event.projectid, event.data.voucher_id, event.data.uses, event.data.sequence)


async def _set_aside(
    deps: Dependencies, topic: topics.Topic, unreadable: Sequence[Unreadable]
) -> None:
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
    deps.metrics.dead_letters.labels(topic.name).inc(len(unreadable))
    if deps.dead_letter_producer is None:
        raise RuntimeError("the worker consumes without a producer for dead letters")
    await dead_letters.set_aside(deps.dead_letter_producer, GROUP, unreadable)
