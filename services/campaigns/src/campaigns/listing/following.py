"""Takes counts into what lists are sorted by, and keeps the counts of codes short.

To move a code in four indexes costs three times what its count in `vouchers` does. So the outcomes
only note whose count moved, and this takes the notes with a tenth of its time: where redemptions
come in thousands a second, a code's many moves become one, and lists follow by some seconds.
"""

import asyncio
import time
from typing import Final

import asyncpg
import structlog

from campaigns.listing import counting
from servicekit.health import Heartbeat
from servicekit.postgres.pool import OUTAGES, transaction

SHORTEST_PAUSE: Final = 0.5
REST: Final = 9  # times as long as it took
FOLD_EVERY: Final = 60.0
OUTAGE_SECONDS: Final = 1.0

log = structlog.get_logger()


async def run(pool: asyncpg.Pool, heartbeat: Heartbeat) -> None:
    """Follow, for ever."""
    folded = 0.0
    while True:
        heartbeat.beat()
        began = time.monotonic()
        try:
            async with transaction(pool) as conn:
                await counting.follow_uses(conn)
                await counting.follow_ends(conn)
            if began - folded > FOLD_EVERY:
                folded = began
                async with transaction(pool) as conn:
                    await counting.fold(conn)
        except OUTAGES as outage:
            log.warning("waiting_for_outage", error=repr(outage))
            await asyncio.sleep(OUTAGE_SECONDS)
        await asyncio.sleep(max(SHORTEST_PAUSE, REST * (time.monotonic() - began)))
