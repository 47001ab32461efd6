"""Kafka in: what campaigns says, applied by a process of its own.

A kill switch waits for it, so nothing that a checkout sends may stand in its way: not a record that
nobody can read, not a batch that waits for a lock, not a bug that it meets.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, NamedTuple

import asyncpg
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer
from pydantic import Field, TypeAdapter, ValidationError

from contracts import topics
from contracts.vouchers import VouchersIssued
from redemption.applying import snapshots
from redemption.kafka.beside import Beside
from redemption.model import CampaignKey
from servicekit.kafka.consuming import at_least_once
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.fetching import Tuning
from servicekit.kafka.reading import sort_records
from servicekit.postgres import pool as postgres

GROUP: Final = "redemption-snapshots"
TUNING: Final = Tuning(max_records=100)  # a record may be a thousand codes
CHUNKS_AT_ONCE: Final = 10
TOO_MANY: Final = 100  # unreadable snapshots in a row: they come from us, so the fault is ours


class Dependencies(NamedTuple):
    """What the handler works with, made by the composition root."""

    pool: asyncpg.Pool
    report: snapshots.Report
    beside: Beside
    dead_letters: DeadLetters


class Changed(NamedTuple):
    """A snapshot, and the record that it came in."""

    record: ConsumerRecord
    snapshot: snapshots.Snapshot


Deps = Annotated[Dependencies, Context("dependencies")]

SNAPSHOT: TypeAdapter[snapshots.Snapshot] = TypeAdapter(
    Annotated[snapshots.Snapshot, Field(discriminator="type")]
)


def router() -> KafkaRouter:
    """Make the subscription of the definitions role."""
    subscriptions = KafkaRouter()
    at_least_once(
        subscriptions,
        topics.PROJECTS.name,
        topics.CAMPAIGNS.name,
        topics.VOUCHERS.name,
        topics.SEGMENTS.name,
        group=GROUP,
        is_outage=is_outage,
        tuning=TUNING,
    )(on_snapshots)
    return subscriptions


def is_outage(error: BaseException) -> bool:
    """Tell "not now" from "wrong": Postgres is away, or Kafka, where it is reported."""
    return isinstance(error, KafkaError) or postgres.is_outage(error)


async def on_snapshots(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, dependencies: Deps
) -> None:
    """Apply a batch of snapshots, report that, and only then commit: a crash repeats all of it."""
    records: Sequence[ConsumerRecord] = message.raw_message
    changed, letters = sort_records(records, _snapshot, (ValidationError,))
    if len(letters) == len(records) >= TOO_MANY:
        raise RuntimeError(f"none of {len(records)} snapshots can be read: {letters[0].error_text}")
    await dependencies.dead_letters.send_to_dlq(letters)
    for each in await _apply(dependencies, changed):
        dependencies.beside.take(consumer, *each)
    await dependencies.beside.commit(consumer, records)


async def _apply(dependencies: Dependencies, changed: Sequence[Changed]) -> list[Changed]:
    """Apply what can be applied at once; return what somebody's lock or a long past holds up."""
    pool, report, beside = dependencies.pool, dependencies.report, dependencies.beside
    slow = await snapshots.with_a_past_to_count(pool, [each.snapshot for each in changed])
    later = [each for each in changed if each.snapshot in slow or beside.concerns(each.snapshot)]
    for part in _parts([each for each in changed if each not in later]):
        held = {key for each in later for key in snapshots.campaigns_of(each.snapshot)}
        waiting = [
            each for each in part if not held.isdisjoint(snapshots.campaigns_of(each.snapshot))
        ]
        later += waiting
        now = [each for each in part if each not in waiting] if waiting else part
        later += await _apply_unless_locked(pool, report, now)
    return later


def _parts(changed: Sequence[Changed]) -> Iterator[Sequence[Changed]]:
    """Put what somebody waits for before bulk codes: a thousand of them take their time each.

    And of these few at a time: nobody redeems of a campaign whose codes are being written.
    """
    yield [each for each in changed if not isinstance(each.snapshot, VouchersIssued)]
    chunks = [each for each in changed if isinstance(each.snapshot, VouchersIssued)]
    for begin in range(0, len(chunks), CHUNKS_AT_ONCE):
        yield chunks[begin : begin + CHUNKS_AT_ONCE]


async def _apply_unless_locked(
    pool: asyncpg.Pool, report: snapshots.Report, now: Sequence[Changed]
) -> list[Changed]:
    """Apply these; return those whose campaigns somebody keeps locked."""
    later: list[Changed] = []
    try:
        await _apply_together(pool, report, now)
    except asyncpg.LockNotAvailableError:
        by_campaign: dict[CampaignKey, list[Changed]] = {}
        for each in now:
            by_campaign.setdefault(snapshots.concern_of(each.snapshot), []).append(each)
        for some in by_campaign.values():
            try:
                await _apply_together(pool, report, some)
            except asyncpg.LockNotAvailableError:
                later += some
    return later


async def _apply_together(
    pool: asyncpg.Pool, report: snapshots.Report, changed: Sequence[Changed]
) -> None:
    if changed:
        await snapshots.enforce(pool, report, [each.snapshot for each in changed])


def _snapshot(record: ConsumerRecord) -> Changed:
    return Changed(record, SNAPSHOT.validate_json(record.value or b""))
