"""One queue and one writer per process: while a batch commits, the next one gathers.

No timer: under light load a batch is one request, under heavy load it is a thousand. The writer is
a task of its own, so that a client that goes away never cancels a commit.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

import asyncpg

from redemption.batches.apart import by_campaign
from redemption.batches.collisions import COLLISIONS, FAILURES, OWN_TROUBLE, NeedsLocksError
from redemption.batches.pace import Pace
from redemption.batches.redeem import are_few, redeem
from redemption.batches.server import KnownServer
from redemption.batches.work import OverloadedError, Waiting, Work, fail, give_up, still_wanted
from redemption.loading.memory import Memory
from redemption.metrics import Metrics
from redemption.outcomes import Response
from redemption.returns import Asked
from redemption.store import orders
from redemption.store import requests as answered

ATTEMPTS = 4
PATIENCE_SECONDS = 120.0
APART_SECONDS = 60.0

# Repeats are rare, and come together: after a start, a redelivery, an outage. So answers already
# given are looked up for a while; then not until one is met, which fails the batch as a whole.
BATCHES_OF_REPEATS = 50

# Rivals for the same campaigns are rare, and come together too: once they were met twice in a row,
# so many batches lock before they look, as those of many requests always do.
BATCHES_OF_RIVALS = 100


class Decider:
    """The only way in to the ledger; `with_bodies` where somebody waits for the responses."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        metrics: Metrics,
        memory: Memory,
        backlog: int = 2000,
        *,
        with_bodies: bool = True,
    ) -> None:
        self._pool = pool
        self._with_bodies = with_bodies
        self._memory = memory
        self._metrics = metrics
        self._waiting = Waiting(backlog)
        self._looking_back = BATCHES_OF_REPEATS
        self._rivalled = 0
        self._met_a_rival = False  # at the attempt, or in the batch, before
        self._pace = Pace()
        self._busy_since: float | None = None
        self._server = KnownServer(pool, memory)

    def stuck_reason(self) -> str | None:
        """Say for how long one batch has been going on, if no outage explains it any more."""
        if self._busy_since is None:
            return None
        seconds = time.monotonic() - self._busy_since
        return f"one batch for {seconds:.0f} s" if seconds > PATIENCE_SECONDS else None

    @property
    def batch_codes(self) -> int:
        """Return how many codes one transaction takes now: hand over no more at once."""
        return self._pace.codes

    async def decide(
        self, requests: Sequence[Asked], deadline: float | None = None
    ) -> list[Response]:
        """Wait for the responses, in the order of the requests.

        `deadline` is in `time.monotonic()` seconds. Raises OverloadedError where nothing was
        decided, and asyncpg's errors where that is not known: repeat with the same key.
        """
        if not requests:
            return []
        loop = asyncio.get_running_loop()
        remaining = None if deadline is None else deadline - time.monotonic()
        if remaining is not None and remaining <= 0:
            raise OverloadedError("the deadline has passed")
        codes = sum([len(request.code_keys) for request in requests])
        work = Work(requests, codes, loop.create_future())
        self._waiting.add(work)
        if remaining is None:
            return await work.responses
        due = loop.call_later(remaining, give_up, work)
        try:
            return await work.responses
        finally:
            due.cancel()

    async def run(self) -> None:
        """Decide for ever."""
        try:
            while True:
                batch = still_wanted(await self._waiting.batch(self._pace))
                self._busy_since = time.monotonic()
                try:
                    await self._answer(batch)
                finally:
                    self._busy_since = None
        finally:
            await self._server.let_go()

    async def _answer(self, batch: Sequence[Work]) -> None:
        try:
            requests = [request for work in batch for request in work.requests]
            responses = iter(await self._commit(requests, of_several=len(batch) > 1))
        except (*OWN_TROUBLE, *COLLISIONS) as trouble:
            await self._answer_apart(batch, trouble)
            return
        except FAILURES as error:
            fail(batch, error)
            return
        for work in batch:
            own = [next(responses) for _ in work.requests]
            if not work.responses.done():  # the caller may have gone away
                work.responses.set_result(own)

    async def _answer_apart(self, batch: Sequence[Work], trouble: Exception) -> None:
        """Find out whose trouble it is: each caller is told what became of their own requests.

        Apart by campaign, for a lock: its wait is paid once. Where that takes long it is the
        server's: nobody waits for all the others' turns.
        """
        until = time.monotonic() + APART_SECONDS
        try:
            locked = isinstance(trouble, asyncpg.LockNotAvailableError)
            parts = (
                await by_campaign(self._pool, self._memory, batch)
                if locked
                else [[work] for work in batch]
            )
        except FAILURES as error:
            fail(batch, error)
            return
        if len(parts) == 1:
            fail(batch, trouble)
            return
        for part in parts:
            if time.monotonic() < until:
                await self._answer(part)
            else:
                fail(part, trouble)

    async def _commit(
        self, requests: Sequence[Asked], *, of_several: bool = False
    ) -> list[Response]:
        """Return the responses; after some attempts one by one, but not where they are of several.

        Those are told apart by whoever called: what one of them meets is not told to the others.
        """
        divisible = len(requests) > 1 and not of_several
        for attempt in range(1, ATTEMPTS + 1):
            try:
                responses = await self._attempt(requests)
            except COLLISIONS as collision:
                self._note(collision)
                if attempt == ATTEMPTS and not divisible:
                    raise
            except asyncpg.QueryCanceledError:
                # Too much for one statement's time. A lone one has had the server to itself.
                if not divisible:
                    raise
                break
            else:
                self._met_a_rival = self._met_a_rival and attempt > 1
                return responses
        return [response for request in requests for response in await self._commit([request])]

    def _note(self, collision: Exception) -> None:
        if isinstance(collision, asyncpg.UniqueViolationError):
            if collision.table_name == orders.TABLE.name:
                self._memory.meet_a_known_order()
            elif collision.table_name == answered.TABLE.name:
                self._looking_back = BATCHES_OF_REPEATS
        else:
            self._memory.meet_a_change()
            if isinstance(collision, asyncpg.DeadlockDetectedError):
                self._memory.meet_a_deadlock()
            if self._met_a_rival:
                self._rivalled = BATCHES_OF_RIVALS
            self._met_a_rival = True

    async def _attempt(self, requests: Sequence[Asked]) -> list[Response]:
        if not requests:
            return []
        try:
            return await self._redeem(requests, lock=self._rivalled > 0 or not are_few(requests))
        except NeedsLocksError:  # a matter of this request, and of no rival
            return await self._redeem(requests, lock=True)

    async def _redeem(self, requests: Sequence[Asked], *, lock: bool) -> list[Response]:
        began = time.monotonic()
        looks_back = self._looking_back > 0
        try:
            conn = await self._server.connection()
            redeeming = partial(
                redeem,
                conn,
                requests,
                datetime.now(UTC),
                self._memory,
                looks_back=looks_back,
                lock=lock,
                with_bodies=self._with_bodies,
            )
            if lock:
                async with conn.transaction():
                    redeemed = await redeeming()
            else:
                redeemed = await redeeming()
        except BaseException:
            await self._server.let_go()
            raise
        self._memory.remember_customers(redeemed.customers)
        self._memory.leave(redeemed.facts)
        self._looking_back = max(0, self._looking_back - 1)
        self._memory.pass_a_batch()
        self._rivalled = max(0, self._rivalled - 1)
        seconds = time.monotonic() - began
        self._pace.took(sum([len(request.code_keys) for request in requests]), seconds)
        self._metrics.decided(requests, redeemed.responses, seconds)
        return redeemed.responses
