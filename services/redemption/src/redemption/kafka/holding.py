"""Decides a batch of records; one whose campaign somebody keeps locked holds up its own partition.

That is paused, and read again from this record on; what comes behind it waits there, and nowhere
else.
"""

import asyncio
import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Final

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError

from redemption.batches.decider import Decider
from redemption.kafka.aside import Sent
from redemption.outcomes import Response

log = structlog.get_logger()

HOLD_SECONDS: Final = 5.0  # to try a lock again holds everybody up for some seconds


async def decide_all(
    decider: Decider, sent: Sequence[Sent]
) -> tuple[list[Response | None], dict[TopicPartition, int]]:
    """Decide requests, in their order; None is of one that waits, from where its partition is held.

    What comes behind that in its partition is left for then: no lock is waited for time and again.
    """
    responses: list[Response | None] = []
    held: dict[TopicPartition, int] = {}
    for batch in _batches(sent, decider.batch_codes):
        waiting = {i for i, s in enumerate(batch) if is_held(s.record, held)} if held else set()
        wanted = [s for i, s in enumerate(batch) if i not in waiting] if waiting else batch
        given = iter(await _decide(decider, wanted))
        for i, each in enumerate(batch):
            response = None if i in waiting else next(given)
            if response is None:
                held.setdefault(_partition(each.record), each.record.offset)
            responses.append(response)
    return responses, held


def _batches(sent: Sequence[Sent], most: int) -> Iterator[Sequence[Sent]]:
    """Cut requests into what one transaction takes, in parts of one size: a small one costs too."""
    total = sum(_weight(each) for each in sent)
    fair = math.ceil(total / math.ceil(total / most)) if total else 0
    begin = codes = 0
    for i, each in enumerate(sent):
        own = _weight(each)
        if codes + own > fair:
            yield sent[begin:i]
            begin, codes = i, 0
        codes += own
    if codes:
        yield sent[begin:]


def _weight(sent: Sent) -> int:
    return len(sent.request.code_keys) or 1  # what nobody redeemed is decided, too


async def _decide(decider: Decider, sent: Sequence[Sent]) -> Sequence[Response | None]:
    """Decide requests; None is the answer to those whose campaign somebody keeps locked."""
    try:
        return await decider.decide([each.request for each in sent])
    except asyncpg.LockNotAvailableError:
        # Each by itself, which the decider puts together again: those of other campaigns go on.
        return await asyncio.gather(*(_decide_unless_locked(decider, each) for each in sent))


async def _decide_unless_locked(decider: Decider, sent: Sent) -> Response | None:
    try:
        [response] = await decider.decide([sent.request])
    except asyncpg.LockNotAvailableError:
        return None
    return response


def _partition(record: ConsumerRecord) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def is_held(record: ConsumerRecord, held: dict[TopicPartition, int]) -> bool:
    first = held.get(_partition(record))
    return first is not None and record.offset >= first


def hold(consumer: AIOKafkaConsumer, held: dict[TopicPartition, int]) -> None:
    """Read these partitions again from here on, after a while; what was decided is a repeat then.

    Where one belongs to somebody else by now, so does its trouble.
    """
    for partition, offset in held.items():
        log.warning("partition_held", **partition._asdict(), offset=offset)
        with contextlib.suppress(IllegalStateError):
            consumer.seek(partition, offset)
            consumer.pause(partition)
            asyncio.get_running_loop().call_later(HOLD_SECONDS, _go_on, consumer, partition)


def _go_on(consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
    with contextlib.suppress(IllegalStateError):
        consumer.resume(partition)
