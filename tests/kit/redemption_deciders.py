"""Deciders as each process has one: with a pool and a memory of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import asyncpg

from redemption import connections
from redemption.batches.decider import Decider
from redemption.guesses.counting import Guesses
from redemption.guesses.sifting import Sieve
from redemption.loading.memory import Memory
from redemption.metrics import Metrics
from redemption.outcomes import Response
from servicekit.postgres.pool import pool


def service_pool(dsn: str, name: str = "tests") -> asyncpg.Pool:
    """Make a pool with all settings of the service; `name` is what Postgres shows."""
    return pool(dsn, name, connections.CONNECTIONS, connections.SESSION)


def idle(pool: asyncpg.Pool, backlog: int = 2000, *, with_bodies: bool = True) -> Decider:
    """Make a decider that nobody runs yet, and that remembers nothing."""
    metrics = Metrics("redemption", "tests")
    return Decider(pool, metrics, Memory(), backlog, with_bodies=with_bodies)


def a_sieve(pool: asyncpg.Pool, guesses: Guesses | None = None) -> Sieve:
    """Make what sets guesses apart, with a memory of its own."""
    return Sieve(pool, Memory(), guesses or Guesses())


@contextlib.asynccontextmanager
async def deciding(
    dsn: str, name: str = "tests", *, with_bodies: bool = True
) -> AsyncIterator[Decider]:
    """Run a decider. Should it die of a bug, all ends at once instead of waiting for responses."""
    async with service_pool(dsn, name) as pool:
        decider = idle(pool, with_bodies=with_bodies)
        task = asyncio.create_task(decider.run())
        task.add_done_callback(_stop_on_a_bug)
        try:
            yield decider
        finally:
            task.cancel()
            await asyncio.wait([task])


def statuses(answers: Iterable[list[Response]]) -> list[int]:
    """Return the status of each answer, whoever got it."""
    return sorted(answer.status for one in answers for answer in one)


def _stop_on_a_bug(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.print_stack()
        task.get_loop().stop()
