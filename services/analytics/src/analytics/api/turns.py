"""Turns by project: none asks for so many reports at once that everybody else's wait.

A report may read all that a project ever did. ClickHouse works on some dozens at a time, and what
is ingested has its turn among them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

AT_ONCE: Final = 2
PATIENCE_SECONDS: Final = 8.0  # less than a gateway's


class Turns:
    """Of one process; a class because it remembers who is at work."""

    def __init__(self) -> None:
        self._of: dict[str, asyncio.Semaphore] = {}  # projects that exist: a key opened the door

    @asynccontextmanager
    async def taken(self, project_id: str) -> AsyncIterator[None]:
        """Take a turn for the block. Raises TimeoutError where the project's own are used up."""
        turns = self._of.setdefault(project_id, asyncio.Semaphore(AT_ONCE))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await turns.acquire()
        try:
            yield
        finally:
            turns.release()
