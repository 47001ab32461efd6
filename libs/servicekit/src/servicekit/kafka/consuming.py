"""How Kafka is read: by the batch, at least once, never past what has not been dealt with.

A batch is repeated while the world is down. A bug ends the process: swallowed, it would lose the
batch at the next commit. Handlers get the records as they came, in `message.raw_message`, and an
`Unparsable` in the place of what is no record.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaMessage, KafkaRouter

from servicekit.kafka.distrust import distrust
from servicekit.kafka.fetching import Tuning, exit_on_bugs, fetch_by
from servicekit.kafka.idling import let_rest
from servicekit.lifecycle import give_up

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
COMMIT_SECONDS = 30
SESSION_MS = 6_000  # whoever takes a killed member's place waits for the end of its session

Handler = Callable[..., Awaitable[None]]
IsOutage = Callable[[BaseException], bool]


def at_least_once(
    router: KafkaRouter,
    *topics: str,
    group: str,
    is_outage: IsOutage,
    pattern: str | None = None,
    tuning: Tuning = Tuning(),  # noqa: B008 - a value
) -> Callable[[Handler], Any]:
    """Subscribe by the batch; nothing but `commit` below moves the group.

    `is_outage` says what of a handler's errors is an outage of its store; Kafka's own are anyway.
    A group has one subscription: consumers that want different topics would unsettle each other.
    """
    distrust()
    let_rest()
    subscriber = router.subscriber(
        *topics,
        pattern=pattern,
        group_id=group,
        batch=True,
        max_records=tuning.max_records,
        batch_timeout_ms=tuning.poll_ms,
        fetch_max_wait_ms=tuning.fetch_max_wait_ms,
        fetch_max_bytes=tuning.fetch_max_bytes,
        max_partition_fetch_bytes=tuning.max_partition_fetch_bytes,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",  # a new group reads the history
        parser=parse_the_first,  # a header that is not text must not drop its batch
        decoder=no_decoding,  # one unreadable body must not take its batch along
        no_reply=True,  # a sender's `reply_to` header must not make us publish
        isolation_level="read_committed",
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=tuning.heartbeat_interval_ms,
        rebalance_timeout_ms=60_000,
        max_poll_interval_ms=600_000,
        partition_assignment_strategy=(StickyPartitionAssignor,),
    )
    fetch = exit_on_bugs(fetch_by(tuning))
    subscriber.get_msg = fetch  # type: ignore[method-assign, assignment]
    return lambda handler: subscriber(retry_outages(handler, is_outage))


def retry_outages(handler: Handler, is_outage: IsOutage) -> Handler:
    """Repeat a batch while the world is down; end the process on a bug."""

    @wraps(handler)
    async def patient(*args: Any, **kwargs: Any) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await handler(*args, **kwargs)
            except Exception as error:
                if not (isinstance(error, KafkaError) or is_outage(error)):
                    # Whoever starts next reads this batch again.
                    log.exception("batch_abandoned")
                    give_up()  # ends the process, orderly
                    raise SystemExit(1) from error  # ends this subscriber before its next batch
                log.warning("waiting_for_outage", seconds=pause, error=repr(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    return patient


async def commit(consumer: AIOKafkaConsumer, records: Sequence[ConsumerRecord]) -> None:
    """Move each partition past these records, and past nothing else that was fetched."""
    await commit_offsets(
        consumer, {TopicPartition(r.topic, r.partition): r.offset + 1 for r in records}
    )


async def commit_offsets(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    """Say where each of these partitions is to be read on from."""
    try:
        async with asyncio.timeout(COMMIT_SECONDS):
            await consumer.commit(offsets)
    except (CommitFailedError, IllegalStateError):
        log.info("partitions_moved")  # their new owner repeats this batch


async def parse_the_first(
    records: tuple[ConsumerRecord, ...], original: Callable[..., Awaitable[Any]]
) -> Any:
    """Show FastStream one record of the batch, without its headers.

    It would look at each, for nothing that we use, and drop the batch for a header that is no text.
    """
    message = await original((replace(records[0], headers=()),))
    message.raw_message = records  # handlers see each record as it came
    return message


async def no_decoding(message: KafkaMessage) -> None:
    """Leave the bodies alone: the handler reads the records."""
