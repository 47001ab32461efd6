"""Connections for whole lists: few, of their own, and one list of a project at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from servicekit.http.errors import unavailable

MOST_EXPORTS: Final = 3  # at once in this process


class ExportPlaces:
    """Who exports now; a class because it counts."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._projects: list[str] = []

    @asynccontextmanager
    async def place(self, project_id: str) -> AsyncIterator[asyncpg.Pool]:
        """Lend the pool for one export. Raises ApiError 503 where too many run already."""
        if project_id in self._projects or len(self._projects) >= MOST_EXPORTS:
            raise unavailable("an export is being read already: try again when it is done")
        self._projects.append(project_id)
        try:
            yield self._pool
        finally:
            self._projects.remove(project_id)
