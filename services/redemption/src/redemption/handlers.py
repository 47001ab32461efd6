"""Kafka in: read a batch of requests, ask the decider, set aside what has no decision, commit."""

import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final, NamedTuple

import asyncpg
import structlog
from aiokafka import ConsumerRecord
from faststream import Context
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.kafka.annotations import Consumer

from contracts import topics
from redemption.batches.decider import Decider
from redemption.batches.work import OverloadedError
from redemption.guesses.sifting import Sieve
from redemption.kafka import aside
from redemption.kafka.answers import Answered, Answers
from redemption.kafka.aside import Read, Sent
from redemption.kafka.holding import decide_all, hold, is_held
from redemption.kafka.projects import KnownProjects
from redemption.kafka.request_records import read_request, with_capitals
from redemption.model import Request
from redemption.reading import parsing
from redemption.returns import Rollback
from redemption.rollbacks.asking_back import AskedBack
from redemption.rollbacks.originals import looked_up
from redemption.settings import GROUP
from servicekit.kafka.background_commits import BackgroundCommits
from servicekit.kafka.consuming import at_least_once
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.fetching import Tuning
from servicekit.kafka.reading import sort_records
from servicekit.postgres import pool as postgres

log = structlog.get_logger()

REQUESTS: Final = Tuning(max_records=2000, fetch_max_wait_ms=20, follow_up_ms=10)

REFUSED: Final = 400  # and above
SLOW_SECONDS: Final = 1.0


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
        records, lambda r: read_request(r, dependencies.customer_key), (parsing.UnreadableError,)
    )
    unknown = await dependencies.projects.unknown({each.request.project_id for each in read})
    if unknown:
        letters += [aside.of_no_project(each) for each in read if _is_of(each, unknown)]
        read = [each for each in read if not _is_of(each, unknown)]
    if dependencies.projects.without_letter_case:
        read, contradictory = with_capitals(
            read, dependencies.projects.without_letter_case, dependencies.customer_key
        )
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
    responses, held = await decide_all(dependencies.decider, sent)
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
        done = [record for record in records if not is_held(record, held)]
        letters = [letter for letter in letters if not is_held(letter.record, held)]
    await dependencies.dead_letters.send_to_dlq(letters)
    for each, limit in apart:
        # Its letter was sent.
        if isinstance(each.request, Request) and not is_held(each.record, held):
            dependencies.sieve.refuse(each.request, limit)
    await dependencies.answers.send(
        [
            Answered(each.record, each.request, response)
            for each, response in zip(sent, responses, strict=True)
            if each.request.reply and response is not None and not is_held(each.record, held)
        ]
    )
    # A crash before they are committed repeats them, and they get the answers that they got.
    dependencies.commits.note(consumer, done)
    hold(consumer, held)
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


def _is_of(sent: Sent | Read, projects: AbstractSet[str]) -> bool:
    return sent.request.project_id in projects
