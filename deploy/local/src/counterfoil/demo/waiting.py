"""Waits until the platform has done its part, patiently: a service may be starting again."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import asyncpg
import httpx
from clickhouse_connect.driver.exceptions import ClickHouseError

from counterfoil.demo.progress import Advance
from counterfoil.demo.target import StuckError

PAUSE_SECONDS = 0.25
PATIENCE_SECONDS = 180.0

# What a place raises while it is away or starting.
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ClickHouseError, httpx.HTTPError)


async def until(
    count: Callable[[], Awaitable[int]],
    wanted: int,
    advance: Advance,
    *,
    name: str,
    parts: tuple[str, ...],
    patience_seconds: float = PATIENCE_SECONDS,
) -> None:
    """Return when the count is reached; raise when it has not moved for too long."""
    reached, moved_at, trouble = -1, monotonic(), ""
    while True:
        try:
            now = await count()
        except AWAY as error:
            now, trouble = reached, f" ({type(error).__name__}: {error})"
        else:
            trouble = ""
        if now >= wanted:
            advance(wanted)
            return
        if now != reached:
            reached, moved_at = now, monotonic()
            advance(max(now, 0))
        if monotonic() - moved_at > patience_seconds:
            raise StuckError(
                name,
                f"{max(reached, 0):,} of {wanted:,}, unchanged for "
                f"{patience_seconds:.0f} s{trouble}",
                parts,
            )
        await asyncio.sleep(PAUSE_SECONDS)
