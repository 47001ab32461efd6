"""When keys were used last, of this api: noted in memory, written once a minute."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import asyncpg
import structlog
from starlette.requests import Request

from campaigns.keys import store as keys
from campaigns.keys.callers import Caller
from servicekit.postgres.pool import OUTAGES, connection

WRITTEN_EVERY_SECONDS: Final = 60.0

log = structlog.get_logger()


class KeyUses:
    """Remembers who came through a door; a class because it does."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._noted: dict[tuple[str, str], datetime] = {}

    def noting(
        self, admit: Callable[[Request], Awaitable[Caller]]
    ) -> Callable[[Request], Awaitable[Caller]]:
        """Return a door's question that notes whom it lets in."""

        async def noted(request: Request) -> Caller:
            caller = await admit(request)
            if caller.session_id is None:  # a person's sessions say when he was seen
                self._noted[caller.project_id, caller.key_id] = datetime.now(UTC)
            return caller

        return noted

    async def run(self) -> None:
        """Write what was noted, for ever; an outage costs nothing but a minute."""
        while True:
            await asyncio.sleep(WRITTEN_EVERY_SECONDS)
            try:
                await self.write()
            except OUTAGES as outage:
                log.warning("key_uses_not_written", error=repr(outage))

    async def write(self) -> None:
        noted, self._noted = self._noted, {}
        if noted:
            async with connection(self._pool) as conn:
                await keys.mark_used(conn, noted)
