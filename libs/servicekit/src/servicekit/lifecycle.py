"""Starting patiently, stopping in bounded time, and dying loudly."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar

import structlog
from aiokafka.errors import KafkaError

log = structlog.get_logger()

STOP_SECONDS = 8.0
RETRY_SECONDS = 1.0


class Client(Protocol):
    """Something that connects to Kafka."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


C = TypeVar("C", bound=Client)


async def until_started(make: Callable[[], C]) -> C:
    """Make and start a client, again and again until Kafka answers."""
    while True:
        client = make()
        try:
            await client.start()
        except (KafkaError, OSError) as outage:
            log.warning("waiting_for_kafka", error=repr(outage))
            await stop_within(client.stop())
            await asyncio.sleep(RETRY_SECONDS)
        except asyncio.CancelledError:  # told to stop half-way: what is connected must let go
            await stop_within(client.stop())
            raise
        else:
            return client


async def stop_within(stopping: Awaitable[None], seconds: float = STOP_SECONDS) -> None:
    """Wait for a stop, but not for ever: aiokafka's own would, while its broker is away.

    One that takes too long is cancelled and left alone: it may swallow that, and keep us waiting.
    One that was cancelled from within, as aiokafka's own is while a fetch waits to be repeated, has
    cancelled nobody else.
    """
    task = asyncio.ensure_future(stopping)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        log.warning("stop_abandoned", error=f"not done after {seconds:g} s")
        return
    if task.cancelled():
        log.warning("stop_abandoned", error="cancelled from within")
        return
    try:
        task.result()
    except (TimeoutError, KafkaError, OSError, ExceptionGroup) as error:
        log.warning("stop_abandoned", error=repr(error))


@contextlib.asynccontextmanager
async def background_task(
    work: Coroutine[Any, Any, None],
) -> AsyncIterator[asyncio.Task[None]]:
    """Run a task beside the block. One that dies is a bug: it ends the process.

    So is one that ends as cancelled though nobody has cancelled it: nothing else would tell.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_give_up_with)
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task


def _give_up_with(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        if not task.cancelling():
            log.error("task_died", error="cancelled from within")
            give_up()
    elif task.exception() is not None:
        log.error("task_died", exc_info=task.exception())
        give_up()


def give_up() -> None:
    """End the process in order, but as a failure: SIGTERM would mean that all is well."""
    signal.raise_signal(signal.SIGINT)
