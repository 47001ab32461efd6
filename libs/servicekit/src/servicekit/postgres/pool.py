"""How Postgres is reached: pools that start without it, JSON by orjson, and what its absence is."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Protocol, TypeAlias

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

from servicekit.health import Probe

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy


class Lender(Protocol):
    """A pool, or what lends connections of one."""

    def acquire(self, *, timeout: float) -> AbstractAsyncContextManager[Connection]: ...


# What Postgres being away looks like, as asyncpg names it; a deadlock is gone when tried again.
OUTAGES: Final = (
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

STATEMENT_SECONDS = 20
ACQUIRE_SECONDS = 5
CLOSE_SECONDS = 2


def is_outage(error: BaseException) -> bool:
    """Tell "Postgres is away or busy" from "we asked it something wrong"."""
    return isinstance(error, OUTAGES)


def pool(dsn: str, name: str, size: int, settings: Mapping[str, str]) -> asyncpg.Pool:
    """Make a pool that connects when it is first asked: Postgres may come later.

    `name` is what `pg_stat_activity` shows, `settings` are those of each session.
    """
    return asyncpg.create_pool(
        dsn,
        min_size=0,  # an absent server delays requests, not the start
        max_size=size,
        command_timeout=STATEMENT_SECONDS,
        timeout=ACQUIRE_SECONDS,
        init=_read_json,
        reset=_nothing_to_reset,
        server_settings={"application_name": name, **settings},
    )


async def _nothing_to_reset(_conn: asyncpg.Connection) -> None:
    # asyncpg's own reset costs a round trip per borrower; ours leave no session state behind: no
    # LISTEN, no advisory lock of a session, no SET that is not LOCAL.
    return


async def _read_json(conn: asyncpg.Connection) -> None:
    # Binary, because COPY takes nothing else: json is its text, jsonb a version byte and the text.
    await conn.set_type_codec(
        "json",
        schema="pg_catalog",
        format="binary",
        encoder=orjson.dumps,
        decoder=orjson.loads,
    )
    await conn.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda data: orjson.loads(data[1:]),
    )


@asynccontextmanager
async def pool_lifespan(pool: asyncpg.Pool) -> AsyncIterator[None]:
    """Keep a pool open for the block; its end is bounded, with statements in work too."""
    await pool
    try:
        yield
    finally:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()
        except (asyncpg.PostgresError, *OUTAGES):
            pool.terminate()


@asynccontextmanager
async def connection(pool: asyncpg.Pool | Lender) -> AsyncIterator[Connection]:
    """Borrow a connection for reads that need no transaction: no BEGIN, no COMMIT."""
    async with pool.acquire(timeout=ACQUIRE_SECONDS) as conn:
        yield conn


@asynccontextmanager
async def transaction(pool: asyncpg.Pool | Lender) -> AsyncIterator[Connection]:
    """Borrow a connection for one transaction."""
    async with pool.acquire(timeout=ACQUIRE_SECONDS) as conn, conn.transaction():
        yield conn


def postgres_answers(pool: asyncpg.Pool) -> Probe:
    async def probe() -> str | None:
        await pool.fetchval("SELECT 1")
        return None

    return probe
