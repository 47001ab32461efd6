"""Tells what was refused unread, as counts per minute: an attack shows, and floods nothing."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

import asyncpg
import structlog

from contracts import topics
from contracts.guesses import GuessesRefused, RefusedGuesses
from contracts.ids import uuid7
from redemption.guesses.counting import Guesses, Refused
from redemption.metrics import Metrics
from redemption.render.events import SOURCE
from servicekit.lifecycle import background_task
from servicekit.postgres import outbox
from servicekit.postgres.pool import is_outage

log = structlog.get_logger()

TELL_SECONDS: Final = 10.0


class Teller:
    """Of one process; a class because it keeps what it could not tell.

    Events keep their ids: where a commit was not acknowledged, or its task was cancelled, they are
    written again, and readers count each once.
    """

    def __init__(self, pool: asyncpg.Pool, guesses: Guesses, metrics: Metrics) -> None:
        self._pool = pool
        self._guesses = guesses
        self._metrics = metrics
        self._refused: Counter[Refused] = Counter()
        self._untold: list[outbox.Message] = []

    async def tell(self) -> None:
        """Write what was refused since the last time to the outbox; in an outage keep it."""
        try:
            await self._write()
            self._refused = self._guesses.take_refused()
            self._untold = [_message(what, times) for what, times in self._refused.items()]
            await self._write()
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("guesses_untold", error=repr(error))

    async def tell_for_ever(self) -> None:
        """Tell now and then."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            await self.tell()

    async def _write(self) -> None:
        if not self._untold:
            return
        async with self._pool.acquire() as conn, conn.transaction():
            await outbox.write(conn, self._untold)
        self._untold = []
        for what, times in self._refused.items():
            self._metrics.guesses_refused.labels(what.limit).inc(times)


@contextlib.asynccontextmanager
async def telling(pool: asyncpg.Pool, guesses: Guesses, metrics: Metrics) -> AsyncIterator[None]:
    """Tell now and then, and once more at the end."""
    teller = Teller(pool, guesses, metrics)
    async with background_task(teller.tell_for_ever()):
        yield
    await teller.tell()


def _message(refused: Refused, times: int) -> outbox.Message:
    event = GuessesRefused(
        id=str(uuid7()),
        source=SOURCE,
        subject=refused.caller,
        time=datetime.now(UTC),
        projectid=refused.project_id,
        data=RefusedGuesses(
            minute=refused.minute, limit=refused.limit, caller=refused.caller, count=times
        ),
    )
    return outbox.Message(topics.GUESSES.name, refused.project_id.encode(), event.encode())
