"""The server that batches are decided on: another than before may have lost what is remembered."""

from datetime import datetime
from typing import Final

import asyncpg

from redemption.loading.memory import Memory
from servicekit.postgres.held import HeldConnection
from servicekit.postgres.pool import Connection

# A replica that is promoted and a copy that is restored have begun at another moment than who was
# asked before: whoever loses commits does.
WHICH_SERVER: Final = "SELECT pg_postmaster_start_time()"


class KnownServer:
    """Asked by one task at a time; a class because it knows whom it has asked."""

    def __init__(self, pool: asyncpg.Pool, memory: Memory) -> None:
        self._held = HeldConnection(pool)
        self._memory = memory
        self._asked: Connection | None = None
        self._began: datetime | None = None

    async def connection(self) -> Connection:
        """Return the connection, with nothing remembered that its server may not know."""
        conn = await self._held.get()
        if conn is not self._asked:
            await self._meet(conn)
            self._asked = conn
        return conn

    async def let_go(self) -> None:
        """Give the connection back: at the end, and after an error."""
        await self._held.let_go()

    async def _meet(self, conn: Connection) -> None:
        self._memory.leave(None)
        began: datetime = await conn.fetchval(WHICH_SERVER)
        if self._began not in {None, began}:
            self._memory.forget()
        self._began = began
