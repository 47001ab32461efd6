"""A pool for strangers, with a short queue: who finds it full is told so, and waits nowhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from servicekit.http.errors import unavailable

MOST_WAITING: Final = 100  # served within a second, or gone


class Gate:
    """What is asked without a key borrows here, so that no crowd of it delays a kill switch.

    `crowd` says what they do, if there are too many. A class because it counts.
    """

    def __init__(self, pool: asyncpg.Pool, crowd: str) -> None:
        self._pool = pool
        self._crowd = crowd
        self._within = 0

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[asyncpg.Pool]:
        """Lend the pool for the block. Raises ApiError 503 at once where too many wait for it."""
        if self._within >= self._pool.get_max_size() + MOST_WAITING:
            raise unavailable(f"too many {self._crowd} at this moment: try again")
        self._within += 1
        try:
            yield self._pool
        finally:
            self._within -= 1
