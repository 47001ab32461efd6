"""Kafka in: read a batch, set aside what cannot be read, remember the rest, commit."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import asyncpg
from aiokafka import ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer
from pydantic import ValidationError

from campaigns.keys import store as keys
from campaigns.metrics import Metrics
from campaigns.propagation import store as applied_versions
from campaigns.settings import GROUP
from campaigns.vouchers import counts, outcomes
from contracts import topics
from contracts.applied import SnapshotApplied
from servicekit.kafka.consuming import at_least_once, commit
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.fetching import Tuning
from servicekit.kafka.reading import by_type, sort_records
from servicekit.postgres.pool import connection, is_outage, transaction

# Two groups and two processes, so that nothing that concerns counts can hold up a kill switch: to
# read thousands of outcomes keeps an event loop for a fifth of a second. Dead letters of both are
# found under the first.
USES_GROUP = "campaigns-uses"

# Counts must follow within a second, and each batch costs a transaction and an UPDATE of every
# voucher in it: so a pause lets the next one grow, unless it is full already.
MOST_OUTCOMES = 10_000
PAUSE_SECONDS = 0.5
USES = Tuning(max_records=MOST_OUTCOMES, fetch_max_wait_ms=100)


class Dependencies(NamedTuple):
    """What the handlers work with, made by the composition root."""

    pool: asyncpg.Pool
    dead_letters: DeadLetters
    metrics: Metrics


Deps = Annotated[Dependencies, Context("dependencies")]

read_applied = by_type({"coupons.snapshot.applied.v1": SnapshotApplied.model_validate_json})


def applied() -> KafkaRouter:
    """Make the subscription of the role that a kill switch waits for."""
    subscriptions = KafkaRouter()
    at_least_once(subscriptions, topics.APPLIED.name, group=GROUP, is_outage=is_outage)(on_applied)
    return subscriptions


def outcomes_followed() -> KafkaRouter:
    """Make the subscription of the worker role."""
    subscriptions = KafkaRouter()
    at_least_once(
        subscriptions,
        topics.REDEMPTIONS.name,
        group=USES_GROUP,
        is_outage=is_outage,
        tuning=USES,
    )(on_redemptions)
    return subscriptions


async def on_applied(_bodies: Any, message: KafkaMessage, consumer: Consumer, deps: Deps) -> None:
    """Remember which versions redemption applies: kill switches wait for it, so it never pauses."""
    records: Sequence[ConsumerRecord] = message.raw_message
    events, letters = sort_records(records, read_applied, (ValidationError,))
    await deps.dead_letters.send_to_dlq(letters)
    if events:
        async with connection(deps.pool) as conn:
            applied = [(event.projectid, event.data, event.time) for event in events]
            await applied_versions.upsert(conn, applied)
    await commit(consumer, records)
    deps.metrics.snapshots_applied.inc(len(events))


async def on_redemptions(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, deps: Deps
) -> None:
    """Follow how often each code was used, and when each key redeemed last."""
    records: Sequence[ConsumerRecord] = message.raw_message
    accepted: list[outcomes.Followed]
    accepted, letters = sort_records(records, outcomes.read, (ValidationError,))
    await deps.dead_letters.send_to_dlq(letters)
    if accepted:
        async with transaction(deps.pool) as conn:
            followed = await counts.update_uses(conn, outcomes.latest_uses(accepted))
            await keys.mark_used(conn, outcomes.latest_callers(accepted))
        deps.metrics.uses_followed.inc(followed)
    await commit(consumer, records)
    if len(records) < MOST_OUTCOMES:
        await asyncio.sleep(PAUSE_SECONDS)
