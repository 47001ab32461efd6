"""Kafka in: read a batch of requests, ask the decider, set aside what has no decision, commit.

A request whose campaign somebody keeps locked holds up its own partition and no other: that is
paused, and read again from this request on.
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer

from contracts import topics
from redemption import aside, asking_back, parsing, tracing
from redemption.answers import Answered, Answers
from redemption.aside import Read, Sent
from redemption.asking_back import AskedBack
from redemption.decider import Decider
from redemption.guesses.sifting import Sieve
from redemption.model import Request, Response
from redemption.originals import looked_up
from redemption.projects import KnownProjects
from redemption.returns import Rollback
from redemption.settings import GROUP
from redemption.work import OverloadedError
from servicekit.kafka.background_commits import BackgroundCommits
from servicekit.kafka.consuming import at_least_once
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.fetching import Tuning
from servicekit.kafka.letters import DeadLetter
from servicekit.kafka.reading import sort_records
from servicekit.postgres import pool as postgres

log = structlog.get_logger()

REQUESTS: Final = Tuning(max_records=2000, fetch_max_wait_ms=20, follow_up_ms=10)

LATEST_MILLISECONDS: Final = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)
BROKER_TIME: Final = 1  # Kafka's timestamp type LogAppendTime
REFUSED: Final = 400  # and above
SLOW_SECONDS: Final = 1.0
HOLD_SECONDS: Final = 5.0  # to try a lock again holds everybody up for some seconds


class Dependencies(NamedTuple):
    """What the handlers work with, made by the composition root."""

    decider: Decider
    projects: KnownProjects
    sieve: Sieve
    dead_letters: DeadLetters
    answers: Answers
    commits: BackgroundCommits
    customer_key: bytes
    store: asyncpg.Pool


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
    """Decide a batch of requests, each judged at its record's timestamp.

    Who gets no decision gets no outcome either: such a record is set aside, with the reason.
    """
    began = time.perf_counter()
    records: Sequence[ConsumerRecord] = message.raw_message
    read, letters = sort_records(
        records, lambda r: _sent(r, dependencies.customer_key), (parsing.UnreadableError,)
    )
    unknown = await dependencies.projects.unknown({each.request.project_id for each in read})
    if unknown:
        letters += [aside.of_no_project(each) for each in read if _is_of(each, unknown)]
        read = [each for each in read if not _is_of(each, unknown)]
    if dependencies.projects.without_letter_case:
        read, contradictory = _spelt(read, dependencies)
        letters += contradictory
    sent = await _looked_up(read, dependencies)
    if lacking := await dependencies.answers.lacking([each.request for each in sent]):
        unanswerable = {i for i, s in enumerate(sent) if s.request.reply and _is_of(s, lacking)}
        letters += [aside.unanswerable(sent[i]) for i in unanswerable]
        sent = [each for i, each in enumerate(sent) if i not in unanswerable]
    sifted = await dependencies.sieve.sift([each.request for each in sent])
    apart = [(sent[i], limit) for i, limit in sifted.apart.items()]
    if apart:
        letters += [aside.too_many_guesses(each, limit) for each, limit in apart]
        sent = [each for i, each in enumerate(sent) if i not in sifted.apart]
    responses, held = await _decide_all(dependencies.decider, sent)
    dependencies.sieve.count(sifted.wrong, [each.request for each in sent], responses)
    letters += [
        aside.key_reused(each)
        for each, response in zip(sent, responses, strict=True)
        if response is not None and response.key_reused
    ]
    letters += [
        aside.not_rolled_back(each, response)
        for each, response in zip(sent, responses, strict=True)
        if isinstance(each.request, Rollback)
        and response is not None
        and response.status >= REFUSED
        and not response.key_reused
    ]
    done = records
    if held:
        done = [record for record in records if not _is_held(record, held)]
        letters = [letter for letter in letters if not _is_held(letter.record, held)]
    await dependencies.dead_letters.send_to_dlq(letters)
    for each, limit in apart:
        # Its letter was sent.
        if isinstance(each.request, Request) and not _is_held(each.record, held):
            dependencies.sieve.refuse(each.request, limit)
    await dependencies.answers.send(
        [
            Answered(each.record, each.request, response)
            for each, response in zip(sent, responses, strict=True)
            if each.request.reply and response is not None and not _is_held(each.record, held)
        ]
    )
    # A crash before they are committed repeats them, and they get the answers that they got.
    dependencies.commits.note(consumer, done)
    _hold(consumer, held)
    seconds = time.perf_counter() - began
    if seconds >= SLOW_SECONDS:
        log.info("batch_slow", requests=len(sent), milliseconds=round(seconds * 1000, 1))


async def _looked_up(read: Sequence[Read], dependencies: Dependencies) -> list[Sent]:
    """Find out what rollbacks are of, if there are any."""
    asked = [each.request for each in read if isinstance(each.request, AskedBack)]
    found: Iterator[Rollback] = iter(())
    if asked:
        async with postgres.connection(dependencies.store) as conn:
            found = iter(await looked_up(conn, asked, dependencies.customer_key))
    return [
        Sent(record, next(found) if isinstance(request, AskedBack) else request)
        for record, request in read
    ]


async def _decide_all(
    decider: Decider, sent: Sequence[Sent]
) -> tuple[list[Response | None], dict[TopicPartition, int]]:
    """Decide requests, in their order; None is of one that waits, from where its partition is held.

    What comes behind that in its partition is left for then: no lock is waited for time and again.
    """
    responses: list[Response | None] = []
    held: dict[TopicPartition, int] = {}
    for batch in _batches(sent, decider.batch_codes):
        waiting = {i for i, s in enumerate(batch) if _is_held(s.record, held)} if held else set()
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


def _is_held(record: ConsumerRecord, held: dict[TopicPartition, int]) -> bool:
    first = held.get(_partition(record))
    return first is not None and record.offset >= first


def _hold(consumer: AIOKafkaConsumer, held: dict[TopicPartition, int]) -> None:
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


def _sent(record: ConsumerRecord, customer_key: bytes, *, capitals: bool = False) -> Read:
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
    trace = tracing.of_record(record.headers)
    if record.value is not None and asking_back.may_be_one(record.value):
        rollback = asking_back.read(record.value, record.topic, at, trace=trace)
        if rollback is not None:
            return Read(record, rollback)
    request = parsing.read(
        record.value, record.topic, at, customer_key, capitals=capitals, trace=trace
    )
    return Read(record, request)


def _spelt(read: Sequence[Read], dependencies: Dependencies) -> tuple[list[Read], list[DeadLetter]]:
    """Read those again whose project tells no letter case, which nobody knew until it was asked."""
    spelt, letters = list[Read](), list[DeadLetter]()
    for each in read:
        if each.request.project_id not in dependencies.projects.without_letter_case:
            spelt.append(each)
            continue
        try:
            spelt.append(_sent(each.record, dependencies.customer_key, capitals=True))
        except parsing.UnreadableError as error:
            letters.append(DeadLetter(each.record, type(error).__name__, str(error)))
    return spelt, letters


def _is_of(sent: Sent | Read, projects: AbstractSet[str]) -> bool:
    return sent.request.project_id in projects
