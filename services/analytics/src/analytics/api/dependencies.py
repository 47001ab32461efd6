"""What the routes work with."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from clickhouse_connect.driver.asyncclient import AsyncClient

from analytics.api.turns import Turns
from analytics.store import ClickHouse


@dataclass(frozen=True)
class Dependencies:
    """The engine, whose turn it is, and what the clock says."""

    clickhouse: ClickHouse
    turns: Turns
    now: Callable[[], datetime]

    @asynccontextmanager
    async def asking(self, project_id: str) -> AsyncIterator[AsyncClient]:
        """Take one of the project's turns, and ask."""
        async with self.turns.taken(project_id):
            yield await self.clickhouse.client()
