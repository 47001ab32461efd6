"""Databases of Postgres for one test at a time: cloned once, then emptied for the next test.

A clone costs a fifth of a second of a core; to empty one, a hundredth is enough where who empties
it knows its tables already. So a connection to each stays: in a loop of its own, as the loop of a
test ends with the test.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from kit import engines

# Few dead rows are cheaper than new files, and many are dearer.
FEW_BYTES = 256 * 1024


class Databases:
    """Those of one service that no test uses now."""

    def __init__(self, admin: str, service: str, template: str) -> None:
        self._admin = admin
        self._service = service
        self._template = template
        self._free: list[str] = []
        self._emptying: dict[str, asyncpg.Connection] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @asynccontextmanager
    async def one(self, failed: Callable[[], bool]) -> AsyncIterator[str]:
        """Lend a database without a row. What a failed test has written stays as it is."""
        if self._free:
            dsn = self._free.pop()
        else:
            dsn = await engines.clone(self._admin, self._service, self._template)
        yield dsn
        if not failed():
            await asyncio.wrap_future(self._apart(self._empty(dsn)))
            self._free.append(dsn)

    def close(self) -> None:
        self._apart(self._close()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _apart(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _empty(self, dsn: str) -> None:
        conn = self._emptying.get(dsn)
        if conn is None or conn.is_closed():  # a test may cut all connections
            name = urlsplit(dsn).path.removeprefix("/")
            conn = self._emptying[dsn] = await asyncpg.connect(self._admin, database=name)
        await empty(conn)

    async def _close(self) -> None:
        for conn in self._emptying.values():
            await conn.close()
        for dsn in self._free:
            await engines.drop(self._admin, dsn)


async def empty(conn: asyncpg.Connection) -> None:
    """Forget every row and every number drawn, once nobody is left who could write another."""
    await conn.execute(
        """
        SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """
    )
    tables = await conn.fetch(
        """
        SELECT oid::regclass::text AS name, pg_relation_size(oid) > $1 AS large FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname <> 'schema_migrations'
        """,
        FEW_BYTES,
    )
    sequences = await conn.fetch(
        """
        SELECT format('%I', sequencename) AS name FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
        """
    )
    await conn.execute(
        ";".join(
            [
                "SET session_replication_role = replica",  # foreign keys ask for no order
                *(f"TRUNCATE {table['name']} CASCADE" for table in tables if table["large"]),
                *(f"DELETE FROM {table['name']}" for table in tables if not table["large"]),
                *(f"ALTER SEQUENCE {sequence['name']} RESTART" for sequence in sequences),
            ]
        )
    )
