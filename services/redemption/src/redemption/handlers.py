"""Kafka in: read a batch, ask the decider, set aside what has no decision, commit."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple

import asyncpg
import structlog
from aiokafka import ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer
from pydantic import Field, TypeAdapter, ValidationError

from contracts import topics
from redemption import parsing, snapshots
from redemption.decider import Decider, OverloadedError
from redemption.model import Request
from redemption.projects import KnownProjects
from servicekit.kafka.background_commits import BackgroundCommits
from servicekit.kafka.consuming import Tuning, at_least_once, commit
from servicekit.kafka.dead_letters import DeadLetter, DeadLetters
from servicekit.kafka.reading import sort_records
from servicekit.postgres import pool as postgres

log = structlog.get_logger()

GROUP: Final = "redemption"
SNAPSHOT_GROUP: Final = "redemption-snapshots"
REQUESTS: Final = Tuning(max_records=2000, fetch_max_wait_ms=20, follow_up_ms=10)
SNAPSHOTS: Final = Tuning(max_records=100)  # a record may be a thousand codes

LATEST_MILLISECONDS: Final = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)
BROKER_TIME: Final = 1  # Kafka's timestamp type LogAppendTime
TOO_MANY: Final = 100  # unreadable snapshots in a row: they come from us, so the fault is ours
SLOW_SECONDS: Final = 1.0


class Dependencies(NamedTuple):
    """What the handlers work with, made by the composition root."""

    decider: Decider
    pool: asyncpg.Pool
    projects: KnownProjects
    dead_letters: DeadLetters
    commits: BackgroundCommits
    customer_key: bytes


class Sent(NamedTuple):
    """A request, and the record that it came in."""

    record: ConsumerRecord
    request: Request


Deps = Annotated[Dependencies, Context("dependencies")]

SNAPSHOT: TypeAdapter[snapshots.Snapshot] = TypeAdapter(
    Annotated[snapshots.Snapshot, Field(discriminator="type")]
)


def router() -> KafkaRouter:
    """Make the subscriptions of the worker role."""
    subscriptions = KafkaRouter()
    at_least_once(
        subscriptions,
        group=GROUP,
        pattern=topics.REQUEST_TOPICS_PATTERN,
        is_outage=is_outage,
        tuning=REQUESTS,
    )(on_redemption_requests)
    at_least_once(
        subscriptions,
        topics.PROJECTS.name,
        topics.CAMPAIGNS.name,
        topics.VOUCHERS.name,
        group=SNAPSHOT_GROUP,
        is_outage=is_outage,
        tuning=SNAPSHOTS,
    )(on_snapshots)
    return subscriptions


def is_outage(error: BaseException) -> bool:
    """Tell "not now" from "wrong": Postgres is away, or HTTP keeps the decider busy."""
    return isinstance(error, OverloadedError) or postgres.is_outage(error)


async def on_redemption_requests(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, dependencies: Deps
) -> None:
    """Decide a batch of requests, each judged at its record's timestamp.

    Who gets no decision gets no outcome either: such a record is set aside, with the reason.
    """
    began = time.perf_counter()
    records: Sequence[ConsumerRecord] = message.raw_message
    sent, letters = sort_records(
        records, lambda r: _sent(r, dependencies.customer_key), (parsing.UnreadableError,)
    )
    unknown = await dependencies.projects.unknown({each.request.project_id for each in sent})
    if unknown:
        letters += [_of_no_project(each) for each in sent if each.request.project_id in unknown]
        sent = [each for each in sent if each.request.project_id not in unknown]
    requests = [each.request for each in sent]
    responses = await dependencies.decider.decide(requests)
    letters += [
        _key_reused(each)
        for each, response in zip(sent, responses, strict=True)
        if response.key_reused
    ]
    await dependencies.dead_letters.send_to_dlq(letters)
    # A crash before they are committed repeats them, and they get the answers that they got.
    dependencies.commits.note(consumer, records)
    seconds = time.perf_counter() - began
    if seconds >= SLOW_SECONDS:
        log.info("batch_slow", requests=len(requests), milliseconds=round(seconds * 1000, 1))


async def on_snapshots(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, dependencies: Deps
) -> None:
    """Apply a batch of snapshots."""
    records: Sequence[ConsumerRecord] = message.raw_message
    changed: list[snapshots.Snapshot]
    changed, letters = sort_records(records, _snapshot, (ValidationError,))
    if len(letters) == len(records) >= TOO_MANY:
        raise RuntimeError(f"none of {len(records)} snapshots can be read: {letters[0].error_text}")
    await dependencies.dead_letters.send_to_dlq(letters)
    if changed:
        await snapshots.apply(dependencies.pool, changed)
    await commit(consumer, records)


def _sent(record: ConsumerRecord, customer_key: bytes) -> Sent:
    live = record.topic != topics.REDEMPTION_REQUESTS_HISTORY.name
    if live and record.timestamp_type != BROKER_TIME:
        # Judging by it would let the sender choose the moment: stop until the topic is mended.
        raise RuntimeError(f"{record.topic} must have message.timestamp.type=LogAppendTime")
    if not 0 <= record.timestamp < LATEST_MILLISECONDS:
        raise parsing.UnreadableError(f"timestamp {record.timestamp} is not within 1970 to 2200")
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Sent(record, parsing.read(record.value, record.topic, at, customer_key))


def _of_no_project(sent: Sent) -> DeadLetter:
    text = f"there is no project {sent.request.project_id!r}"
    return DeadLetter(sent.record, "UnknownProjectError", text)


def _key_reused(sent: Sent) -> DeadLetter:
    text = (
        f"request_id {sent.request.request_id!r} was used for another request: "
        "send the same content again, or a new id"
    )
    return DeadLetter(sent.record, "idempotency_key_reused", text)


def _snapshot(record: ConsumerRecord) -> snapshots.Snapshot:
    snapshot: snapshots.Snapshot = SNAPSHOT.validate_json(record.value or b"")
    return snapshot
