"""How campaigns reaches Postgres: pools that start without it, JSON by orjson."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy

# What Postgres being away looks like, as asyncpg names it; a deadlock is gone when tried again.
OUTAGES = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a statement met a connection that was just being cut
    OSError,
    TimeoutError,
)

# A plan made while a table was empty would scan it, and asyncpg keeps plans as long as
# connections: so each statement is planned for the tables as they are.
SERVER_SETTINGS = {"application_name": "campaigns", "plan_cache_mode": "force_custom_plan"}
STATEMENT_SECONDS = 20
ACQUIRE_SECONDS = 5
CLOSE_SECONDS = 2


async def _speak_json(conn: asyncpg.Connection) -> None:
    # Binary, because COPY takes nothing else: jsonb is a version byte and the text.
    await conn.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
    )


def pool(dsn: str, size: int) -> asyncpg.Pool:
    """Make a pool that connects when it is first asked: Postgres may come later."""
    return asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        command_timeout=STATEMENT_SECONDS,
        timeout=ACQUIRE_SECONDS,
        init=_speak_json,
        server_settings=SERVER_SETTINGS,
    )


@asynccontextmanager
async def opened(pool: asyncpg.Pool) -> AsyncIterator[None]:
    """Keep a pool open for the block; its end is bounded, with statements in work too."""
    await pool
    try:
        yield
    finally:
        try:
            await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
        except OUTAGES:
            pool.terminate()


@asynccontextmanager
async def connection(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Open one connection of one's own, outside any pool."""
    conn = await asyncpg.connect(
        dsn,
        command_timeout=STATEMENT_SECONDS,
        timeout=ACQUIRE_SECONDS,
        server_settings=SERVER_SETTINGS,
    )
    try:
        yield conn
    finally:
        conn.terminate()  # nothing to say goodbye for, and no wait when the server is gone


@asynccontextmanager
async def acquired(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Borrow a connection for reads of one statement each, which need no transaction."""
    async with pool.acquire(timeout=ACQUIRE_SECONDS) as conn:
        yield conn


@asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Borrow a connection for one transaction."""
    async with pool.acquire(timeout=ACQUIRE_SECONDS) as conn, conn.transaction():
        yield conn
