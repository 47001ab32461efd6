"""Foretells decisions without taking anything: the same facts and rules, no lock, no write.

What comes while a batch is read is foretold together, like what waits for a commit is decided:
shoppers who only look come in crowds, and several small batches at once cost more than a large one.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

import asyncpg

from redemption.decide import foretell
from redemption.decide.facts import Facts
from redemption.loading import facts
from redemption.loading.memory import Memory
from redemption.model import Request
from redemption.outcomes import Decision
from servicekit.postgres.bulkheads import Bulkheads
from servicekit.postgres.pool import Connection, connection

MOST: Final = 100  # at once

Foretell: TypeAlias = Callable[[Request, Facts], Decision]


class _Waiting(NamedTuple):
    request: Request
    judge: Foretell
    decision: asyncio.Future[Decision]


class Forecasts:
    """Of one process; a class because requests wait in it, each project's by themselves."""

    def __init__(self, reads: Bulkheads, memory: Memory) -> None:
        self._reads = reads
        self._memory = memory
        self._waiting: dict[str, list[_Waiting]] = {}
        self._at_once: Counter[str] = Counter()  # batches of each project
        self._at_work: set[asyncio.Task[None]] = set()

    async def of(self, request: Request, judge: Foretell = foretell) -> Decision:
        """Return what would become of a redemption at the request's moment, of what is used by now.

        A forecast: somebody else may take the last use between this answer and a redemption.
        """
        waiting = self._waiting.setdefault(request.project_id, [])
        own = _Waiting(request, judge, asyncio.get_running_loop().create_future())
        waiting.append(own)
        if not self._at_once[request.project_id] or len(waiting) == MOST:
            self._begin(request.project_id)
        return await own.decision

    def _begin(self, project_id: str) -> None:
        # A task of its own: a caller who goes away takes nobody's answer along.
        self._at_once[project_id] += 1
        task = asyncio.create_task(self._foretell(project_id))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _foretell(self, project_id: str) -> None:
        batch: Sequence[_Waiting] = ()
        try:
            async with connection(self._reads.of(project_id)) as conn:
                batch = self._take(project_id)
                if batch:
                    await self._answer(conn, batch)
        except Exception as error:  # noqa: BLE001 - it is raised where they wait
            for each in batch or self._take(project_id):
                if not each.decision.done():
                    each.decision.set_exception(error)
        self._at_once[project_id] -= 1
        if project_id in self._waiting:
            self._begin(project_id)

    def _take(self, project_id: str) -> Sequence[_Waiting]:
        waiting = self._waiting.pop(project_id, [])
        if len(waiting) > MOST:
            self._waiting[project_id] = waiting[MOST:]
        return waiting[:MOST]

    async def _answer(self, conn: Connection, batch: Sequence[_Waiting]) -> None:
        try:
            found = await facts.load(
                conn, [each.request for each in batch], self._memory, lock=False, spends=False
            )
        except (asyncpg.DataError, asyncpg.QueryCanceledError):
            if len(batch) == 1:
                raise
            for each in batch:  # one of them is the trouble, and not its neighbours'
                await self._answer_alone(conn, each)
            return
        for each in batch:
            if not each.decision.done():  # the caller may have gone away
                each.decision.set_result(each.judge(each.request, found))

    async def _answer_alone(self, conn: Connection, waiting: _Waiting) -> None:
        try:
            await self._answer(conn, [waiting])
        except (asyncpg.DataError, asyncpg.QueryCanceledError) as error:
            if not waiting.decision.done():
                waiting.decision.set_exception(error)
