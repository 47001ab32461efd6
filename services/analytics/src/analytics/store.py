"""ClickHouse: one connection per process, and the inserts.

A fact counts once because of its table (`migrations/0001_facts.sql`), whatever happens here. The
token of a block only saves work: a block that comes again as it was is dropped by the server, and
one with other boundaries is stored again and collapses. The client repeats an insert by itself when
the connection breaks after it was sent, so nothing is ever inserted without a token.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from clickhouse_connect import get_async_client
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from analytics.columns import Table

# Pinned, because servers' defaults moved. 0 partitions means no bound: an import spans years.
INSERT_SETTINGS = {
    "async_insert": 0,
    "insert_deduplicate": 1,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    "max_partitions_per_insert_block": 0,
}

CONNECT_SECONDS = 5
ANSWER_SECONDS = 60

# The server's own words for "not now"; any other error of its is a fault of ours.
BUSY_CODES = frozenset(
    {
        159,  # TIMEOUT_EXCEEDED
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        241,  # MEMORY_LIMIT_EXCEEDED
        242,  # TABLE_IS_READ_ONLY
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS
        999,  # KEEPER_EXCEPTION
    }
)


class ClickHouse:
    """The connection to ClickHouse, made when it is first needed and not before.

    So a process starts while ClickHouse is away, and says so instead of dying.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> AsyncClient:
        """Return the client; raise an outage while there is no server.

        Whoever waits for another's attempt waits no longer than an attempt may take.
        """
        async with asyncio.timeout(CONNECT_SECONDS), self._connecting:
            if self._client is None:
                self._client = await connect(self._url)
            return self._client

    async def probe(self) -> str | None:
        """Ask whether a query is answered; an outage says by itself what is wrong."""
        await (await self.client()).query("SELECT 1")
        return None

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.close()


async def connect(url: str) -> AsyncClient:
    """Connect to the server and the database that the URL names."""
    return await get_async_client(
        dsn=url,
        connect_timeout=CONNECT_SECONDS,
        send_receive_timeout=ANSWER_SECONDS,
        autogenerate_session_id=False,  # a session would queue the queries of one process
        tz_mode="aware",
        show_clickhouse_errors=True,  # for our log and /readyz; clients are told less
    )


def database_of(url: str) -> str:
    """Name the database in the URL's path."""
    return urlsplit(url).path.strip("/") or "default"


def is_outage(error: BaseException) -> bool:
    """Tell "ClickHouse is away or busy" from "we asked it something wrong"."""
    match error:
        case DatabaseError() if error.code is not None:
            return error.code in BUSY_CODES
        case DatabaseError():  # no ClickHouse answered: a proxy did
            return isinstance(error, OperationalError) or "HTTP status 5" in str(error)
        case aiohttp.ClientError() | OSError() | TimeoutError():
            return True
        case _:
            return False


async def insert(
    client: AsyncClient, table: Table[Any], block: Sequence[Sequence[Any]], token: str
) -> None:
    """Write one block, acknowledged by the server; the same block again changes nothing."""
    await client.insert(
        table.name,
        block,
        column_names=table.names,
        column_type_names=table.types,
        column_oriented=True,
        settings={**INSERT_SETTINGS, "insert_deduplication_token": token},
    )
