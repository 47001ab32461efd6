"""Connections by tenant: none borrows so many that another's request waits for one.

A list takes Postgres a moment, and a change waits for a lock: of either, one tenant could hold all
connections with a few dozen requests.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from servicekit.postgres.pool import Connection, Lender


class Bulkhead:
    """What one tenant may borrow at once; whoever finds it used up waits for his own kind."""

    def __init__(self, pool: Lender, most: int) -> None:
        self._pool = pool
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def acquire(self, *, timeout: float) -> AsyncIterator[Connection]:  # noqa: ASYNC109
        """Lend a connection for the block, as the pool itself does. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            await self._free.acquire()
        try:
            async with self._pool.acquire(timeout=timeout) as conn:
                yield conn
        finally:
            self._free.release()


class Bulkheads:
    """The bulkheads of all tenants that have asked: one each, made when it first asks."""

    def __init__(self, pool: Lender, most: int) -> None:
        self._pool = pool
        self._most = most
        self._bulkheads: dict[str, Bulkhead] = {}  # of tenants that exist: a key opened the door

    def of(self, tenant: str) -> Bulkhead:
        """Return a tenant's own."""
        found = self._bulkheads.get(tenant)
        if found is None:
            found = self._bulkheads[tenant] = Bulkhead(self._pool, self._most)
        return found
