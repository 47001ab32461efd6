"""Keeps short what a look-up has to read beside the index of traces; nothing hangs on its success.

The decision path appends traces to a list, which costs it a third of an index; here they are sorted
into the index in bulk, in another connection.
"""

import asyncio
from typing import Final

import asyncpg
import structlog

from redemption.store.listing import merge_traces
from servicekit.postgres.pool import connection, is_outage

log = structlog.get_logger()

EVERY_SECONDS: Final = 5.0  # at 14,000 entries a second a list of some 10 MB


async def merge_for_ever(pool: asyncpg.Pool) -> None:
    """Merge now and then; what an outage has kept lying is merged after it."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            async with connection(pool) as conn:
                await merge_traces(conn)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("traces_unmerged", error=repr(error))
