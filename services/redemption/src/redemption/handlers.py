"""Kafka in: read a batch of requests, set aside what cannot be read, ask the decider, commit."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple

import structlog
from aiokafka import ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer

from contracts import topics
from redemption import parsing
from redemption.decider import Decider, OverloadedError
from redemption.model import Request
from servicekit.kafka.background_commits import BackgroundCommits
from servicekit.kafka.consuming import Tuning, at_least_once
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.reading import sort_records
from servicekit.postgres import pool as postgres

log = structlog.get_logger()

GROUP: Final = "redemption"
REQUESTS: Final = Tuning(max_records=2000, fetch_max_wait_ms=20, follow_up_ms=10)

LATEST_MILLISECONDS: Final = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)
BROKER_TIME: Final = 1  # Kafka's timestamp type LogAppendTime
SLOW_SECONDS: Final = 1.0


class Dependencies(NamedTuple):
    """What the handlers work with, made by the composition root."""

    decider: Decider
    dead_letters: DeadLetters
    commits: BackgroundCommits
    customer_key: bytes


Deps = Annotated[Dependencies, Context("dependencies")]


def router() -> KafkaRouter:
    """Make the subscription of the worker role."""
    subscriptions = KafkaRouter()
    at_least_once(
        subscriptions,
        group=GROUP,
        pattern=topics.REQUEST_TOPICS_PATTERN,
        is_outage=is_outage,
        tuning=REQUESTS,
    )(on_redemption_requests)
    return subscriptions


def is_outage(error: BaseException) -> bool:
    """Tell "not now" from "wrong": Postgres is away, or HTTP keeps the decider busy."""
    return isinstance(error, OverloadedError) or postgres.is_outage(error)


async def on_redemption_requests(
    _bodies: Any, message: KafkaMessage, consumer: Consumer, dependencies: Deps
) -> None:
    """Decide a batch of requests, each judged at its record's timestamp."""
    began = time.perf_counter()
    records: Sequence[ConsumerRecord] = message.raw_message
    requests, letters = sort_records(
        records, lambda r: _request(r, dependencies.customer_key), (parsing.UnreadableError,)
    )
    await dependencies.dead_letters.send_to_dlq(letters)
    await dependencies.decider.decide(requests)
    # A crash before they are committed repeats them, and they get the answers that they got.
    dependencies.commits.note(consumer, records)
    seconds = time.perf_counter() - began
    if seconds >= SLOW_SECONDS:
        log.info("batch_slow", requests=len(requests), milliseconds=round(seconds * 1000, 1))


def _request(record: ConsumerRecord, customer_key: bytes) -> Request:
    live = record.topic != topics.REDEMPTION_REQUESTS_HISTORY.name
    if live and record.timestamp_type != BROKER_TIME:
        # Judging by it would let the sender choose the moment.
        wrong = f"{record.topic} must have message.timestamp.type=LogAppendTime"
        if topics.project_of(record.topic) is not None:
            raise parsing.UnreadableError(wrong)  # nobody else's requests wait until it is mended
        raise RuntimeError(wrong)  # it is everybody's: stop
    if not 0 <= record.timestamp < LATEST_MILLISECONDS:
        raise parsing.UnreadableError(f"timestamp {record.timestamp} is not within 1970 to 2200")
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return parsing.read(record.value, record.topic, at, customer_key)
