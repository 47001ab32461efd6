"""What a subscription does with outages, bugs, odd headers and records that do not even parse."""

import asyncio
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    ConsumerStoppedError,
    CorruptRecordException,
    KafkaConnectionError,
)
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaRouter
from structlog.testing import capture_logs

from servicekit.kafka import consuming, fetching
from servicekit.kafka.batches import RECORD_BYTES
from servicekit.kafka.consuming import (
    at_least_once,
    commit,
    parse_the_first,
    retry_outages,
)
from servicekit.kafka.fetching import Tuning
from servicekit.postgres.pool import is_outage

OUTAGES = [
    asyncpg.ConnectionDoesNotExistError("killed"),
    asyncpg.CannotConnectNowError("starting up"),
    asyncpg.AdminShutdownError("going down"),
    asyncpg.QueryCanceledError("statement timeout"),
    asyncpg.TooManyConnectionsError("full"),
    asyncpg.LockNotAvailableError("lock timeout"),
    asyncpg.DeadlockDetectedError("both waited"),
    asyncpg.SerializationError("another was faster"),
    asyncpg.ReadOnlySQLTransactionError("an old primary"),
    asyncpg.InterfaceError("closed"),
    asyncpg.InternalClientError("just being cut"),
    ConnectionRefusedError("nobody listens"),
    TimeoutError("no answer"),
    KafkaConnectionError("away"),
]


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: type(outage).__name__)
async def test_a_batch_is_repeated_until_an_outage_is_over(
    outage: Exception, interrupts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "FIRST_PAUSE_SECONDS", 0.001)
    failures = [outage, outage]

    async def handler() -> None:
        if failures:
            raise failures.pop()

    await retry_outages(handler, is_outage)()

    assert (failures, interrupts) == ([], [])


@pytest.mark.parametrize(
    "bug", [KeyError("camp_1"), asyncpg.UndefinedTableError("ledger"), asyncpg.DataError("NUL")]
)
async def test_a_bug_ends_the_process_as_a_failure_before_the_next_batch(
    bug: Exception, interrupts: list[int]
) -> None:
    async def handler() -> None:
        raise bug

    with pytest.raises(SystemExit) as ending:
        await retry_outages(handler, is_outage)()

    assert ending.value.code == 1
    assert interrupts == [signal.SIGINT]  # SIGTERM would mean that all is well


def a_record(
    partition: int, offset: int, headers: tuple[tuple[str, bytes | None], ...] = ()
) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord("topic", partition, offset, 0, 1, b"", b"", None, 0, 0, headers)


async def test_headers_are_hidden_from_faststream_and_from_nobody_else() -> None:
    record = a_record(0, 1, (("text", b"ok"), ("binary", b"\xff"), ("none", None)))
    plain = a_record(0, 2)
    shown: list[Any] = []

    @dataclass
    class Message:
        raw_message: Any = None

    async def original(records: Any) -> Message:
        shown.extend(records)
        return Message(records)

    message = await parse_the_first((record, plain), original)

    assert [(r.offset, r.headers) for r in shown] == [(1, ())]
    assert message.raw_message == (record, plain)  # a dead letter keeps every header


@dataclass
class Member:
    """What aiokafka's consumer does to a group, and to one whose partitions have moved on."""

    error: Exception | None = None
    committed: list[dict[TopicPartition, int]] = field(default_factory=list)

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.error is not None:
            raise self.error
        self.committed.append(offsets)


async def test_each_partition_is_moved_past_its_own_records_and_no_further() -> None:
    consumer = Member()

    await commit(consumer, [a_record(0, 7), a_record(1, 3), a_record(0, 8)])

    assert consumer.committed == [{TopicPartition("topic", 0): 9, TopicPartition("topic", 1): 4}]


async def test_partitions_that_moved_on_are_their_new_owners_business() -> None:
    await commit(Member(CommitFailedError("rebalanced")), [a_record(0, 7)])


class Fetching:
    """What aiokafka's consumer does with a fetch, and with those after it; the last one repeats."""

    def __init__(self, *answers: Any, after_seconds: float = 0.0) -> None:
        self._answers = list(answers)
        self._after_seconds = after_seconds
        self.asked: list[dict[str, Any]] = []
        self._fetcher = SimpleNamespace(_records={})
        # Of each partition its position and its end: None where nothing was fetched yet.
        self.stands = {0: (7, 9), 1: (9, 9), 2: (4, None)}

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition("topic", number) for number in self.stands}

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.stands[partition.partition][1]

    async def position(self, partition: TopicPartition) -> int:
        return self.stands[partition.partition][0]

    async def getmany(self, **options: Any) -> dict[Any, Any]:
        self.asked.append(options)
        await asyncio.sleep(self._after_seconds)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        found: dict[Any, Any] = answer
        return found


def a_subscriber(tuning: Tuning = Tuning()) -> Any:  # noqa: B008 - a value
    router = KafkaRouter()

    async def on_records(_bodies: Any) -> None:
        """Do nothing."""

    at_least_once(router, "topic", group="group", is_outage=is_outage, tuning=tuning)(on_records)
    (subscriber,) = KafkaBroker(routers=[router]).subscribers
    return subscriber


def test_a_subscription_commits_by_hand_and_reads_the_history() -> None:
    subscriber = a_subscriber(Tuning(heartbeat_interval_ms=1000))

    options = subscriber._connection_args
    assert subscriber.ack_policy is AckPolicy.MANUAL
    assert options["enable_auto_commit"] is False
    assert options["auto_offset_reset"] == "earliest"
    assert options["isolation_level"] == "read_committed"
    assert subscriber._no_reply  # whatever topic a sender names in `reply_to`
    assert options["heartbeat_interval_ms"] == 1000
    # Whoever takes a killed member's place waits for it: within ten seconds all is to be well.
    assert options["session_timeout_ms"] <= 6000


async def test_a_fetch_returns_the_records_of_all_partitions() -> None:
    found = {TopicPartition("topic", 0): [1, 2], TopicPartition("topic", 1): [3]}

    assert await a_subscriber().get_msg(Fetching(found)) == (1, 2, 3)
    assert await a_subscriber().get_msg(Fetching({})) == ()


def offsets(records: Sequence[ConsumerRecord[bytes, bytes]]) -> list[int]:
    return [record.offset for record in records]


FOLLOWING = Tuning(max_records=5, poll_ms=200, follow_up_ms=10)
FIRST = {TopicPartition("topic", 0): [a_record(0, 1), a_record(0, 2)]}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that wait are handed out at once, however long this process itself is kept off."""
    monkeypatch.setattr(fetching, "AT_ONCE_SECONDS", 60.0)


@pytest.mark.usefixtures("at_once")
async def test_what_came_after_the_records_that_were_waiting_is_fetched_with_them() -> None:
    consumer = Fetching(FIRST, {TopicPartition("topic", 0): [a_record(0, 3)]})

    assert offsets(await a_subscriber(FOLLOWING).get_msg(consumer)) == [1, 2, 3]
    assert consumer.asked == [
        {"timeout_ms": 200, "max_records": 5},
        {"timeout_ms": 10, "max_records": 3},
    ]


async def test_records_that_were_waited_for_have_none_behind_them() -> None:
    consumer = Fetching(FIRST, after_seconds=0.05)

    assert offsets(await a_subscriber(FOLLOWING).get_msg(consumer)) == [1, 2]
    assert len(consumer.asked) == 1


@pytest.mark.usefixtures("at_once")
async def test_an_outage_behind_the_first_records_does_not_lose_them() -> None:
    consumer = Fetching(FIRST, KafkaConnectionError("away"))

    assert offsets(await a_subscriber(FOLLOWING).get_msg(consumer)) == [1, 2]


async def test_large_records_are_fetched_by_the_few() -> None:
    large = [replace(a_record(0, n), serialized_value_size=RECORD_BYTES) for n in range(32)]
    consumer = Fetching({TopicPartition("topic", 0): large})

    assert len(await a_subscriber(Tuning(max_records=1000)).get_msg(consumer)) == 32
    assert consumer.asked == [{"timeout_ms": 200, "max_records": 32}]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(("waiting", "following"), [(20, [12]), (32, [])], ids=["some", "full"])
async def test_what_is_fetched_with_large_records_stays_within_the_same_bound(
    waiting: int, following: list[int]
) -> None:
    large = [replace(a_record(0, n), serialized_value_size=RECORD_BYTES) for n in range(waiting)]
    consumer = Fetching({TopicPartition("topic", 0): large}, {})

    await a_subscriber(Tuning(max_records=1000, follow_up_ms=10)).get_msg(consumer)

    assert [asked["max_records"] for asked in consumer.asked] == [32, *following]


async def test_small_records_are_fetched_until_there_are_no_more() -> None:
    small = [replace(a_record(0, n), serialized_value_size=1000) for n in range(32)]
    consumer = Fetching(*[{TopicPartition("topic", 0): some} for some in (small, small[:30], [])])

    assert len(await a_subscriber(Tuning(max_records=1000)).get_msg(consumer)) == 62
    assert [asked["timeout_ms"] for asked in consumer.asked] == [200, 0]


async def test_an_outage_behind_the_first_few_records_does_not_lose_them() -> None:
    small = [replace(a_record(0, n), serialized_value_size=1000) for n in range(32)]
    consumer = Fetching({TopicPartition("topic", 0): small}, KafkaConnectionError("away"))

    assert len(await a_subscriber(Tuning(max_records=1000)).get_msg(consumer)) == 32


@pytest.mark.usefixtures("at_once")
async def test_a_record_that_does_not_parse_behind_the_first_ones_ends_the_process(
    interrupts: list[int],
) -> None:
    consumer = Fetching(FIRST, CorruptRecordException("Invalid CRC"))

    with pytest.raises(ConsumerStoppedError):
        await a_subscriber(FOLLOWING).get_msg(consumer)

    assert interrupts == [signal.SIGINT]


@pytest.mark.parametrize(
    "error",
    [
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a header's name"),
        CorruptRecordException("Invalid CRC"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_record_that_does_not_parse_ends_the_process_and_reads_no_further(
    error: Exception, interrupts: list[int]
) -> None:
    # FastStream's loop ends at this, and does not start anew as after any other error.
    with pytest.raises(ConsumerStoppedError), capture_logs() as lines:
        await a_subscriber().get_msg(Fetching(error))

    assert interrupts == [signal.SIGINT]
    [line] = lines
    assert line["event"] == "record_unparsable"
    assert line["unread"] == [{"topic": "topic", "partition": 0, "position": 7}]


@pytest.mark.parametrize(
    "error", [KafkaConnectionError("away"), ConsumerStoppedError()], ids=["outage", "stopping"]
)
async def test_an_outage_or_a_stop_while_reading_is_left_to_faststream(
    error: Exception, interrupts: list[int]
) -> None:
    with pytest.raises(type(error)):
        await a_subscriber().get_msg(Fetching(error))

    assert interrupts == []
