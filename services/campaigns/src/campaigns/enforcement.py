"""Waits until redemption enforces a version: what makes a kill switch more than a wish.

The worker writes what redemption reports, so any api process can wait for it. One statement
serves all that wait in this process, however many they are.
"""

import asyncio
from collections import Counter

import asyncpg
import structlog

from campaigns.refusals import NotEnforcedYetError
from campaigns.store import enforced
from campaigns.store.connecting import OUTAGES, transaction
from campaigns.store.enforced import Subject

POLL_SECONDS = 0.015
OUTAGE_SECONDS = 0.5

log = structlog.get_logger()


class Enforcement:
    """Knows which versions are in force, for those who ask; a class because it has state."""

    def __init__(
        self, pool: asyncpg.Pool, deadline_seconds: float, patience_seconds: float
    ) -> None:
        self._pool = pool
        self._deadline_seconds = deadline_seconds
        self._patience_seconds = patience_seconds
        self._waiting: Counter[Subject] = Counter()
        self._known: dict[Subject, int] = {}
        self._asked = asyncio.Event()
        self._told = asyncio.Condition()

    async def demand(self, subject: Subject, version: int) -> None:
        """Return once no decision uses an older version; raise when that is not known in time."""
        if not await self._reached(subject, version, self._deadline_seconds):
            raise NotEnforcedYetError

    async def hope(self, subject: Subject, version: int) -> None:
        """Give redemption a moment to catch up, so that the caller's next line finds it there."""
        await self._reached(subject, version, self._patience_seconds)

    async def run(self) -> None:
        """Look for what is waited for, for ever."""
        while True:
            if not self._waiting:
                self._asked.clear()
                await self._asked.wait()
            try:
                async with transaction(self._pool) as conn:
                    known = await enforced.versions(conn, tuple(self._waiting))
            except OUTAGES as outage:
                log.warning("cannot see what is enforced", error=repr(outage))
                await asyncio.sleep(OUTAGE_SECONDS)
                continue
            async with self._told:
                self._known = known
                self._told.notify_all()
            await asyncio.sleep(POLL_SECONDS)

    async def _reached(self, subject: Subject, version: int, seconds: float) -> bool:
        self._waiting[subject] += 1
        self._asked.set()
        try:
            async with asyncio.timeout(seconds), self._told:
                await self._told.wait_for(lambda: self._known.get(subject, 0) >= version)
        except TimeoutError:
            return False
        else:
            return True
        finally:
            self._waiting[subject] -= 1
            if not self._waiting[subject]:
                del self._waiting[subject]
