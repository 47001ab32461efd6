"""Starting patiently, stopping in bounded time, and dying loudly."""

import asyncio
import contextlib
import signal

import pytest
from aiokafka.errors import KafkaConnectionError
from kit.patience import until_true

from servicekit import lifecycle
from servicekit.lifecycle import background_task, stop_within, until_started


class Client:
    """Something that connects; `failures` are what its starts meet first."""

    def __init__(self, failures: list[Exception], *, hangs: bool = False) -> None:
        self._failures = failures
        self._hangs = hangs
        self.stopped = 0

    async def start(self) -> None:
        if self._failures:
            raise self._failures.pop()
        if self._hangs:
            await asyncio.Event().wait()

    async def stop(self) -> None:
        self.stopped += 1


async def test_a_client_is_made_anew_until_kafka_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "RETRY_SECONDS", 0.0)
    failures: list[Exception] = [KafkaConnectionError("away"), ConnectionRefusedError("nobody")]
    made: list[Client] = []

    def make() -> Client:
        made.append(Client(failures))
        return made[-1]

    assert await until_started(make) is made[-1]
    assert [client.stopped for client in made] == [1, 1, 0]


async def test_a_start_that_is_cancelled_leaves_nothing_connected() -> None:
    client = Client([], hangs=True)
    starting = asyncio.create_task(until_started(lambda: client))
    await asyncio.sleep(0)
    starting.cancel()
    await asyncio.wait([starting])
    assert (starting.cancelled(), client.stopped) == (True, 1)


async def test_a_stop_that_hangs_is_abandoned() -> None:
    async with asyncio.timeout(30):
        await stop_within(asyncio.Event().wait(), 0.01)  # type: ignore[arg-type]  # never returns


async def test_a_task_that_dies_ends_the_process_and_one_that_is_done_does_not(
    interrupts: list[int],
) -> None:
    async def work(error: Exception | None) -> None:
        if error is not None:
            raise error

    async with background_task(work(None)):
        await asyncio.sleep(0.01)
    assert interrupts == []
    async with background_task(work(KeyError("a bug"))):
        await until_true(lambda: interrupts != [])
    assert interrupts == [signal.SIGINT]


async def test_a_task_that_nobody_has_cancelled_and_that_ends_as_cancelled_ends_the_process(
    interrupts: list[int],
) -> None:
    async def waiting_for_a_cancelled_one() -> None:
        other = asyncio.create_task(asyncio.sleep(60))
        other.cancel()
        await other

    async with background_task(waiting_for_a_cancelled_one()):
        await until_true(lambda: interrupts != [])
    assert interrupts == [signal.SIGINT]


async def test_a_task_ends_with_its_block(interrupts: list[int]) -> None:
    async with background_task(asyncio.sleep(60)) as task:
        pass
    assert (task.cancelled(), interrupts) == (True, [])


async def test_a_stop_that_is_cancelled_from_within_cancels_nobody_else() -> None:
    async def stop() -> None:
        raise asyncio.CancelledError

    await stop_within(stop())


async def test_a_stop_that_swallows_its_cancellation_keeps_nobody_waiting() -> None:
    released, ended = asyncio.Event(), asyncio.Event()

    async def deaf() -> None:
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()
        ended.set()

    await stop_within(deaf(), 0.05)

    assert not ended.is_set()
    released.set()
    await ended.wait()
