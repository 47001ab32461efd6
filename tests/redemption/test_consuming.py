"""What the subscription does with outages and bugs; FastStream and Kafka are not asked."""

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaConnectionError
from faststream.kafka import KafkaBroker
from redemption.consuming import commit, die_of_what_cannot_be_fetched, lenient, until_done

from redemption import consuming
from redemption.decider import OverloadedError

OUTAGES = [
    asyncpg.ConnectionDoesNotExistError("killed"),
    asyncpg.CannotConnectNowError("starting up"),
    asyncpg.AdminShutdownError("going down"),
    asyncpg.QueryCanceledError("statement timeout"),
    asyncpg.TooManyConnectionsError("full"),
    asyncpg.LockNotAvailableError("lock timeout"),
    asyncpg.ReadOnlySQLTransactionError("an old primary"),
    asyncpg.InterfaceError("closed"),
    asyncpg.InternalClientError("just being cut"),
    ConnectionRefusedError("nobody listens"),
    TimeoutError("no answer"),
    KafkaConnectionError("away"),
    OverloadedError("the queue is full"),
]


@pytest.fixture
def interrupts() -> Iterator[list[int]]:
    """Catch the signal with which a bug ends the process."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: seen.append(number))
    yield seen
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: type(outage).__name__)
async def test_a_batch_is_repeated_until_an_outage_is_over(
    outage: Exception, interrupts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "LONGEST_PAUSE_SECONDS", 0.0)
    attempts = 0

    @until_done
    async def handler() -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise outage

    await handler()

    assert (attempts, interrupts) == (3, [])


@pytest.mark.parametrize(
    "bug", [KeyError("camp_1"), asyncpg.UndefinedTableError("ledger"), asyncpg.DataError("NUL")]
)
async def test_a_bug_ends_the_process_before_the_next_batch_is_read(
    bug: Exception, interrupts: list[int]
) -> None:
    @until_done
    async def handler() -> None:
        raise bug

    with pytest.raises(SystemExit) as ending:
        await handler()

    assert ending.value.code == 1
    assert interrupts == [signal.SIGINT]


def a_record(
    partition: int, offset: int, headers: tuple[tuple[str, bytes | None], ...] = ()
) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord("topic", partition, offset, 0, 1, b"", b"", None, 0, 0, headers)


async def test_odd_headers_are_hidden_from_faststream_and_from_nobody_else() -> None:
    record = a_record(0, 1, (("text", b"ok"), ("binary", b"\xff"), ("none", None)))
    plain = a_record(0, 2)
    shown: list[Any] = []

    @dataclass
    class Message:
        raw_message: Any = None

    async def original(records: Any) -> Message:
        shown.extend(records)
        return Message(records)

    message = await lenient((record, plain), original)

    assert [r.headers for r in shown] == [(("text", b"ok"),), ()]
    assert message.raw_message == (record, plain)


@dataclass
class Consumer:
    """What aiokafka's does to a group, and to one whose partitions have moved on."""

    error: Exception | None = None
    committed: list[dict[TopicPartition, int]] = field(default_factory=list)

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.error is not None:
            raise self.error
        self.committed.append(offsets)


async def test_each_partition_is_moved_past_its_own_records_and_no_further() -> None:
    consumer = Consumer()

    await commit(consumer, [a_record(0, 7), a_record(1, 3), a_record(0, 8)])

    assert consumer.committed == [{TopicPartition("topic", 0): 9, TopicPartition("topic", 1): 4}]


async def test_partitions_that_moved_on_are_their_new_owners_business() -> None:
    await commit(Consumer(CommitFailedError("rebalanced")), [a_record(0, 7)])


async def test_what_kafkas_client_cannot_parse_ends_the_process_before_another_commit(
    interrupts: list[int],
) -> None:
    async def fetch(_consumer: Any) -> Any:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a header name that is no text")

    subscriber = SimpleNamespace(get_msg=fetch)
    die_of_what_cannot_be_fetched(cast("KafkaBroker", SimpleNamespace(subscribers=[subscriber])))
    fetching = asyncio.ensure_future(subscriber.get_msg(None))
    await asyncio.wait({fetching}, timeout=0.1)

    assert interrupts == [signal.SIGINT]
    assert not fetching.done()  # polls nothing more, until the stop cancels it
    fetching.cancel()


async def test_an_absent_broker_is_no_reason_to_die(interrupts: list[int]) -> None:
    async def fetch(_consumer: Any) -> Any:
        raise KafkaConnectionError("away")

    subscriber = SimpleNamespace(get_msg=fetch)
    die_of_what_cannot_be_fetched(cast("KafkaBroker", SimpleNamespace(subscribers=[subscriber])))

    with pytest.raises(KafkaConnectionError):
        await subscriber.get_msg(None)
    assert interrupts == []
