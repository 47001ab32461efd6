"""How the two readers of Kafka are subscribed, and what they wait for.

FastStream's defaults would lose records.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaConnectionError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from kit.engines import NO_KAFKA
from kit.redemption_deciders import a_sieve, idle, service_pool

from contracts import topics
from redemption import definitions, handlers
from redemption.applying import snapshots
from redemption.batches.work import OverloadedError
from redemption.kafka import order_records, request_records
from redemption.kafka.answers import Answers
from redemption.kafka.beside import Beside
from redemption.kafka.projects import KnownProjects
from redemption.metrics import Metrics as RedemptionMetrics
from redemption.settings import GROUP
from servicekit.kafka.background_commits import BackgroundCommits
from servicekit.kafka.broker import NEW_TOPICS_WITHIN_MS, subscribing
from servicekit.kafka.consuming import no_decoding, parse_the_first
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.kafka.producing import Producing
from servicekit.kafka.publishing import make_idempotent_producer
from servicekit.metrics import Metrics
from servicekit.postgres.outbox import Message


def no_letters() -> DeadLetters:
    return DeadLetters(NO_KAFKA, GROUP, Metrics("redemption", "tests"))


def no_answers() -> Answers:
    nowhere = Producing(partial(make_idempotent_producer, NO_KAFKA))
    return Answers(nowhere, RedemptionMetrics("redemption", "tests"))


async def to_nobody(_messages: Sequence[Message]) -> None:
    raise AssertionError("nothing is there to be reported")


@pytest.fixture
async def definition_dependencies() -> definitions.Dependencies:
    """Dependencies that reach nothing."""
    pool = service_pool("postgresql://nobody@127.0.0.1:1/none")
    beside = Beside(partial(snapshots.enforce, pool, to_nobody), definitions.is_outage)
    return definitions.Dependencies(pool, to_nobody, beside, no_letters())


@pytest.fixture
async def brokers(definition_dependencies: definitions.Dependencies) -> list[KafkaBroker]:
    """The worker's and that of the definitions, each a process of its own."""
    decider = idle(definition_dependencies.pool)
    pool = definition_dependencies.pool
    dependencies = handlers.Dependencies(
        decider,
        KnownProjects(pool),
        a_sieve(pool),
        no_letters(),
        no_answers(),
        BackgroundCommits(),
        b"key",
        pool,
    )
    projects = dependencies.projects
    of_orders = order_records.Dependencies(pool, decider, projects, no_letters(), b"key")
    requests_and_orders = handlers.router()
    order_records.subscribe(requests_and_orders)
    return [
        subscribing(NO_KAFKA, requests_and_orders, dependencies=dependencies, of_orders=of_orders),
        subscribing(NO_KAFKA, definitions.router(), dependencies=definition_dependencies),
    ]


def subscribers(brokers: list[KafkaBroker]) -> Iterator[Any]:
    for broker in brokers:
        yield from broker.subscribers


def test_no_request_shares_a_process_with_what_a_kill_switch_waits_for(
    brokers: list[KafkaBroker],
) -> None:
    groups = [sorted(s.group_id for s in subscribers([broker])) for broker in brokers]

    assert groups == [["redemption", "redemption-orders"], ["redemption-snapshots"]]


def test_nothing_moves_the_group_but_an_explicit_commit(brokers: list[KafkaBroker]) -> None:
    assert {s.ack_policy for s in subscribers(brokers)} == {AckPolicy.MANUAL}
    assert {s._connection_args["enable_auto_commit"] for s in subscribers(brokers)} == {False}


def test_no_subscription_creates_a_topic(brokers: list[KafkaBroker]) -> None:
    assert {broker.config.allow_auto_create_topics for broker in brokers} == {False}


def test_every_subscription_reads_the_history(brokers: list[KafkaBroker]) -> None:
    assert {s._connection_args["auto_offset_reset"] for s in subscribers(brokers)} == {"earliest"}


def test_every_topic_of_ours_is_read_and_no_other(brokers: list[KafkaBroker]) -> None:
    named = {name for s in subscribers(brokers) for name in s.topic_names if not s.pattern}
    patterns = [s.pattern.template for s in subscribers(brokers) if s.pattern]

    snapshots = (topics.PROJECTS, topics.CAMPAIGNS, topics.VOUCHERS, topics.SEGMENTS)
    assert named == {t.name for t in (*snapshots, topics.ORDERS)}
    assert patterns == [topics.REQUEST_TOPICS_PATTERN]
    assert {t.name for t in topics.TOPICS if "redemption" in t.readers} == named | {
        topics.REDEMPTION_REQUESTS.name,
        topics.REDEMPTION_REQUESTS_HISTORY.name,
    }


def test_a_reply_to_header_makes_nobody_publish(brokers: list[KafkaBroker]) -> None:
    assert {s._no_reply for s in subscribers(brokers)} == {True}


def test_one_bad_record_takes_no_batch_along(brokers: list[KafkaBroker]) -> None:
    options = [s._call_options for s in subscribers(brokers)]

    assert {(o.parser, o.decoder) for o in options} == {(parse_the_first, no_decoding)}


def test_aborted_transactions_of_a_vendor_are_not_read(brokers: list[KafkaBroker]) -> None:
    levels = {s._connection_args["isolation_level"] for s in subscribers(brokers)}

    assert levels == {"read_committed"}


def test_a_vendors_new_topic_is_noticed_within_seconds(brokers: list[KafkaBroker]) -> None:
    assert NEW_TOPICS_WITHIN_MS <= 5000
    ages = {broker.config.builder.keywords["metadata_max_age_ms"] for broker in brokers}
    assert ages == {NEW_TOPICS_WITHIN_MS}


@pytest.mark.parametrize(
    ("error", "waited_for"),
    [
        (asyncpg.ConnectionDoesNotExistError("killed"), True),
        (asyncpg.CannotConnectNowError("starting up"), True),
        (asyncpg.AdminShutdownError("going down"), True),
        (asyncpg.QueryCanceledError("statement timeout"), True),
        (asyncpg.TooManyConnectionsError("full"), True),
        (asyncpg.LockNotAvailableError("lock timeout"), True),
        (asyncpg.ReadOnlySQLTransactionError("an old primary"), True),
        (asyncpg.InterfaceError("closed"), True),
        (asyncpg.InternalClientError("just being cut"), True),
        (ConnectionRefusedError("nobody listens"), True),
        (TimeoutError("no answer"), True),
        (OverloadedError("the queue is full"), True),
        (KeyError("camp_1"), False),
        (asyncpg.UndefinedTableError("ledger"), False),
        (asyncpg.DataError("NUL"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_outage_is_waited_for_and_a_bug_is_not(error: Exception, waited_for: bool) -> None:
    assert handlers.is_outage(error) is waited_for


@pytest.mark.parametrize(
    ("error", "waited_for"),
    [
        (asyncpg.LockNotAvailableError("lock timeout"), True),
        (KafkaConnectionError("nobody takes the report"), True),
        (TimeoutError("no acknowledgement"), True),
        (KeyError("camp_1"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_definitions_wait_for_kafka_too(error: Exception, waited_for: bool) -> None:
    assert definitions.is_outage(error) is waited_for


def test_a_shared_topic_whose_senders_choose_the_moment_stops_the_worker() -> None:
    by_sender = ConsumerRecord(
        topics.REDEMPTION_REQUESTS.name, 0, 0, 0, 0, b"", b"{", None, 0, 0, ()
    )

    with pytest.raises(RuntimeError, match="type=LogAppendTime"):
        request_records.read_request(by_sender, b"key")


async def test_snapshots_that_nobody_can_read_in_such_numbers_are_our_own_fault(
    definition_dependencies: definitions.Dependencies,
) -> None:
    unreadable = [
        ConsumerRecord("coupons.campaigns.v1", 0, n, 0, 1, b"", b"{", None, 0, 0, ())
        for n in range(definitions.TOO_MANY)
    ]
    message: Any = SimpleNamespace(raw_message=unreadable)

    with pytest.raises(RuntimeError, match="none of 100 snapshots can be read"):
        await definitions.on_snapshots(None, message, None, definition_dependencies)
