"""What the subscription does with outages, bugs and records that do not even parse."""

import signal
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaConnectionError
from faststream.kafka import KafkaBroker

from campaigns import consuming, handlers
from campaigns.consuming import until_done

OUTAGES = [
    asyncpg.ConnectionDoesNotExistError("killed"),
    asyncpg.InterfaceError("closed"),
    asyncpg.InternalClientError("just being cut"),
    asyncpg.DeadlockDetectedError("both waited"),
    asyncpg.SerializationError("another was faster"),
    TimeoutError("no answer"),
    KafkaConnectionError("away"),
]


@pytest.fixture
def interrupts() -> Iterator[list[int]]:
    """Catch the signals with which a bug ends the process."""
    seen: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(n, lambda number, _frame: seen.append(number)) for n in numbers]
    yield seen
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: type(outage).__name__)
async def test_a_batch_is_repeated_until_an_outage_is_over(
    outage: Exception, interrupts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "LONGEST_PAUSE_SECONDS", 0.0)
    failures = [outage, outage]

    @until_done
    async def handler() -> None:
        if failures:
            raise failures.pop()

    await handler()

    assert (failures, interrupts) == ([], [])


async def test_a_bug_ends_the_process_as_a_failure_before_the_next_batch(
    interrupts: list[int],
) -> None:
    @until_done
    async def handler(*_: Any) -> None:
        raise KeyError("a bug")

    with pytest.raises(SystemExit) as ending:
        await handler()

    assert ending.value.code == 1
    assert interrupts == [signal.SIGINT]  # SIGTERM would mean that all is well


class Consumer:
    """What aiokafka's does with a fetch."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def getmany(self, **_: Any) -> dict[Any, Any]:
        raise self._error


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
    consumer: Any = Consumer(error)
    subscribers = KafkaBroker(routers=[handlers.router()]).subscribers

    for subscriber in subscribers:
        # FastStream's loop ends at this, and does not start anew as after any other error.
        with pytest.raises(ConsumerStoppedError):
            await subscriber.get_msg(consumer)  # type: ignore[attr-defined]  # of Kafka's kind

    assert interrupts == [signal.SIGINT] * len(subscribers) != []


@pytest.mark.parametrize(
    "error", [KafkaConnectionError("away"), ConsumerStoppedError()], ids=["outage", "stopping"]
)
async def test_an_outage_or_a_stop_while_reading_is_left_to_faststream(
    error: Exception, interrupts: list[int]
) -> None:
    consumer: Any = Consumer(error)
    for subscriber in KafkaBroker(routers=[handlers.router()]).subscribers:
        with pytest.raises(type(error)):
            await subscriber.get_msg(consumer)  # type: ignore[attr-defined]  # of Kafka's kind

    assert interrupts == []
