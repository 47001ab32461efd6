"""Waits until redemption applies a version: what makes a kill switch more than a wish.

The worker writes what redemption reports, so any api process can wait for it. One statement
serves all that wait in this process, however many they are.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

import asyncpg
import structlog

from campaigns.metrics import Metrics
from campaigns.model import Campaign, Voucher
from campaigns.propagation import store
from campaigns.propagation.store import InForce, Subject
from campaigns.refusals import NotEnforcedYetError
from campaigns.tenants import Project
from servicekit.postgres.pool import OUTAGES, connection

POLL_SECONDS = 0.006  # half of it is what a kill switch waits for
OUTAGE_SECONDS = 0.5
MOST_AWAITED = 100  # by one call: each look asks for all of them, and others wait for it
MANY_POLL_SECONDS = 0.05  # of those who wait for more, and look by themselves

log = structlog.get_logger()


def subject_of_campaign(project_id: str, campaign: Campaign) -> Subject:
    return project_id, "campaign", campaign.id


def subject_of_voucher(project_id: str, voucher: Voucher) -> Subject:
    return project_id, "voucher", voucher.id


def subject_of_project(project: Project) -> Subject:
    return project.id, "project", project.id


class PropagationWaiter:
    """Knows which versions are applied, for those who wait; a class because it has state."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        metrics: Metrics,
        deadline_seconds: float,
        patience_seconds: float,
    ) -> None:
        self._pool = pool
        self._metrics = metrics
        self._deadline_seconds = deadline_seconds
        self._patience_seconds = patience_seconds
        self._waiting: Counter[Subject] = Counter()
        self._known: dict[Subject, InForce] = {}
        self._wanted = asyncio.Event()
        self._looked = asyncio.Condition()

    async def wait_or_fail(self, subject: Subject, version: int) -> datetime:
        """Return once no decision uses an older version; raise when that is not known in time.

        What is returned is the moment from which on none did.
        """
        began = time.monotonic()
        since = await self._reached(subject, version, self._deadline_seconds)
        return self._measured(subject[1], began, since)

    async def wait_briefly(self, subject: Subject, version: int) -> datetime | None:
        """Give redemption a moment to catch up, so that the caller's next line finds it there.

        Returns since when it has this version; None when that is not known yet.
        """
        return await self._reached(subject, version, self._patience_seconds)

    async def wait_for_all_or_fail(self, project_id: str, campaigns: Mapping[str, int]) -> datetime:
        """Return once all these versions, by campaign, are applied: there may be thousands.

        It is how a partner is switched, and measured as such.
        """
        began = time.monotonic()
        since = await self._reached_all(project_id, campaigns, self._deadline_seconds)
        return self._measured("partner", began, since)

    async def wait_for_all_briefly(
        self, project_id: str, campaigns: Mapping[str, int]
    ) -> datetime | None:
        """Give redemption a moment to take them all; None when it is not known that it did."""
        return await self._reached_all(project_id, campaigns, self._patience_seconds)

    async def wait_for_campaigns(self, project_id: str, campaigns: Sequence[Campaign]) -> None:
        """Give redemption a moment to take these; of very many, the last."""
        last = islice(reversed(campaigns), MOST_AWAITED)
        await asyncio.gather(
            *(self.wait_briefly(subject_of_campaign(project_id, c), c.version) for c in last)
        )

    async def run(self) -> None:
        """Look for what is waited for, for ever."""
        while True:
            if not self._waiting:
                self._wanted.clear()
                await self._wanted.wait()
            try:
                await self.look()
            except OUTAGES as outage:
                log.warning("waiting_for_outage", error=repr(outage))
                await asyncio.sleep(OUTAGE_SECONDS)
            else:
                await asyncio.sleep(POLL_SECONDS)

    async def look(self) -> None:
        """Look once, and wake those whose version is there."""
        async with connection(self._pool) as conn:
            known = await store.versions(conn, tuple(self._waiting))
        async with self._looked:
            self._known = known
            self._looked.notify_all()

    def _measured(self, kind: str, began: float, since: datetime | None) -> datetime:
        if since is None:
            self._metrics.switches_late.labels(kind).inc()
            raise NotEnforcedYetError
        self._metrics.switch_seconds.labels(kind).observe(time.monotonic() - began)
        return since

    async def _reached_all(
        self, project_id: str, campaigns: Mapping[str, int], seconds: float
    ) -> datetime | None:
        """Return since when all are; each look asks for what was missing at the last one."""
        missing = {(project_id, "campaign", each): version for each, version in campaigns.items()}
        gives_up = asyncio.get_running_loop().time() + seconds
        since = datetime.now(UTC) if not missing else datetime.fromtimestamp(0, UTC)
        while missing:
            async with connection(self._pool) as conn:
                known = await store.versions(conn, missing)
            for each, applied in known.items():
                if applied.version >= missing[each]:
                    del missing[each]
                    since = max(since, applied.since)
            if missing and asyncio.get_running_loop().time() >= gives_up:
                return None
            if missing:
                await asyncio.sleep(MANY_POLL_SECONDS)
        return since

    async def _reached(self, subject: Subject, version: int, seconds: float) -> datetime | None:
        self._waiting[subject] += 1
        self._wanted.set()
        try:
            async with asyncio.timeout(seconds), self._looked:
                await self._looked.wait_for(lambda: self._version(subject) >= version)
                return self._known[subject].since
        except TimeoutError:
            return None
        finally:
            self._waiting[subject] -= 1
            if not self._waiting[subject]:
                del self._waiting[subject]

    def _version(self, subject: Subject) -> int:
        known = self._known.get(subject)
        return 0 if known is None else known.version
