"""Tells what was refused unread, as counts per minute: an attack shows, and floods nothing."""

import asyncio
import contextlib
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


@contextlib.asynccontextmanager
async def telling(pool: asyncpg.Pool, guesses: Guesses, metrics: Metrics) -> AsyncIterator[None]:
    """Tell now and then, and once more at the end."""
    async with background_task(_tell_for_ever(pool, guesses, metrics)):
        yield
    await tell(pool, guesses, metrics)


async def tell(pool: asyncpg.Pool, guesses: Guesses, metrics: Metrics) -> None:
    """Write what was refused since the last time to the outbox; in an outage keep it."""
    refused = guesses.take_refused()
    if not refused:
        return
    try:
        async with pool.acquire() as conn, conn.transaction():
            await outbox.write(conn, [_message(what, times) for what, times in refused.items()])
    except Exception as error:
        guesses.give_back(refused)
        if not is_outage(error):
            raise
        log.warning("guesses_untold", error=repr(error))
        return
    for what, times in refused.items():
        metrics.guesses_refused.labels(what.limit).inc(times)


async def _tell_for_ever(pool: asyncpg.Pool, guesses: Guesses, metrics: Metrics) -> None:
    while True:
        await asyncio.sleep(TELL_SECONDS)
        await tell(pool, guesses, metrics)


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
