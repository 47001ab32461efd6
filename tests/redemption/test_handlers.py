"""How the worker is subscribed, and what it waits for; FastStream's defaults would lose records."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from kit.engines import NO_KAFKA
from kit.redemption_deciders import idle, service_pool

from contracts import topics
from redemption import handlers
from redemption.decider import OverloadedError
from servicekit.kafka.background_commits import BackgroundCommits
from servicekit.kafka.broker import NEW_TOPICS_WITHIN_MS, subscribing
from servicekit.kafka.consuming import no_decoding, parse_headers_leniently
from servicekit.kafka.dead_letters import DeadLetters
from servicekit.metrics import Metrics


@pytest.fixture
async def dependencies() -> handlers.Dependencies:
    """Dependencies that reach nothing."""
    pool = service_pool("postgresql://nobody@127.0.0.1:1/none")
    letters = DeadLetters(NO_KAFKA, handlers.GROUP, Metrics("redemption", "tests"))
    return handlers.Dependencies(idle(pool), pool, letters, BackgroundCommits(), b"key")


@pytest.fixture
def broker(dependencies: handlers.Dependencies) -> KafkaBroker:
    return subscribing(NO_KAFKA, handlers.router(), dependencies=dependencies)


def subscribers(broker: KafkaBroker) -> Iterator[Any]:
    yield from broker.subscribers


def test_nothing_moves_the_group_but_an_explicit_commit(broker: KafkaBroker) -> None:
    assert {s.ack_policy for s in subscribers(broker)} == {AckPolicy.MANUAL}
    assert {s._connection_args["enable_auto_commit"] for s in subscribers(broker)} == {False}


def test_no_subscription_creates_a_topic(broker: KafkaBroker) -> None:
    assert broker.config.allow_auto_create_topics is False


def test_every_subscription_is_a_group_of_its_own_that_reads_the_history(
    broker: KafkaBroker,
) -> None:
    groups = [s.group_id for s in subscribers(broker)]

    assert sorted(groups) == ["redemption", "redemption-snapshots"]
    assert {s._connection_args["auto_offset_reset"] for s in subscribers(broker)} == {"earliest"}


def test_every_topic_of_ours_is_read_and_no_other(broker: KafkaBroker) -> None:
    named = {name for s in subscribers(broker) for name in s.topic_names if not s.pattern}
    patterns = [s.pattern.template for s in subscribers(broker) if s.pattern]

    assert named == {t.name for t in (topics.PROJECTS, topics.CAMPAIGNS, topics.VOUCHERS)}
    assert patterns == [topics.REQUEST_TOPICS_PATTERN]
    assert {t.name for t in topics.TOPICS if "redemption" in t.readers} == named | {
        topics.REDEMPTION_REQUESTS.name,
        topics.REDEMPTION_REQUESTS_HISTORY.name,
    }


def test_a_reply_to_header_makes_nobody_publish(broker: KafkaBroker) -> None:
    assert {s._no_reply for s in subscribers(broker)} == {True}


def test_one_bad_record_takes_no_batch_along(broker: KafkaBroker) -> None:
    options = [s._call_options for s in subscribers(broker)]

    assert {(o.parser, o.decoder) for o in options} == {(parse_headers_leniently, no_decoding)}


def test_aborted_transactions_of_a_vendor_are_not_read(broker: KafkaBroker) -> None:
    levels = {s._connection_args["isolation_level"] for s in subscribers(broker)}

    assert levels == {"read_committed"}


def test_a_vendors_new_topic_is_noticed_within_seconds(broker: KafkaBroker) -> None:
    assert NEW_TOPICS_WITHIN_MS <= 5000
    assert broker.config.builder.keywords["metadata_max_age_ms"] == NEW_TOPICS_WITHIN_MS


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


async def test_snapshots_that_nobody_can_read_in_such_numbers_are_our_own_fault(
    dependencies: handlers.Dependencies,
) -> None:
    unreadable = [
        ConsumerRecord("coupons.campaigns.v1", 0, n, 0, 1, b"", b"{", None, 0, 0, ())
        for n in range(handlers.TOO_MANY)
    ]
    message: Any = SimpleNamespace(raw_message=unreadable)

    with pytest.raises(RuntimeError, match="none of 100 snapshots can be read"):
        await handlers.on_snapshots(None, message, None, dependencies)
