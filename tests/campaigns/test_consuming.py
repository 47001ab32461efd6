"""What the subscription does with outages, bugs and records that do not even parse."""

import signal
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from aiokafka.errors import KafkaConnectionError

from campaigns import consuming
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
