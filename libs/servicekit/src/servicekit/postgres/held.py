"""A connection of a pool for one who always needs one: to borrow it each time takes 0.1 ms."""

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from servicekit.postgres.pool import Connection


class HeldConnection:
    """Of one task at a time; a class because it is held."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._conn: PoolConnectionProxy | None = None

    async def get(self) -> Connection:
        """Return it; once it is cut it is another one."""
        conn = self._conn
        if conn is None or _is_gone(conn):
            await self.let_go()
            conn = self._conn = await self._pool.acquire()
        return conn

    async def let_go(self) -> None:
        """Give it back: at the end, which the pool waits for, and after an error."""
        conn, self._conn = self._conn, None
        if conn is not None:
            await self._pool.release(conn)


def _is_gone(conn: PoolConnectionProxy) -> bool:
    try:
        return conn.is_closed()
    except asyncpg.InterfaceError:  # the pool has noticed it, and taken it back
        return True
