"""What waits for the decider, and how it is given up or fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from redemption.batches.pace import Pace
from redemption.outcomes import Response
from redemption.returns import Asked


class OverloadedError(Exception):
    """The queue is full, or the deadline passed before the work began: nothing was decided."""


@dataclass(slots=True)
class Work:
    """What one caller asked for, and where it waits."""

    requests: Sequence[Asked]
    codes: int
    responses: asyncio.Future[list[Response]]
    begun: bool = False  # from here on it is answered, however long that takes


def give_up(work: Work) -> None:
    """Let nobody wait any longer for what has not begun; the writer leaves it out."""
    if not work.begun and not work.responses.done():
        work.responses.set_exception(OverloadedError("the deadline passed in the queue"))


def fail(batch: Sequence[Work], error: Exception) -> None:
    """Tell everybody who still waits."""
    for work in batch:
        if not work.responses.done():
            work.responses.set_exception(error)


def still_wanted(batch: Sequence[Work]) -> list[Work]:
    """Leave out what was given up in the queue; once begun, work is answered."""
    wanted = [work for work in batch if not work.responses.done()]
    for work in wanted:
        work.begun = True
    return wanted


class Waiting:
    """What waits, in the order in which it came; a class because it fills up."""

    def __init__(self, most: int) -> None:
        self._queue: asyncio.Queue[Work] = asyncio.Queue(most)
        self._held: Work | None = None

    def add(self, work: Work) -> None:
        """Let it wait; raise OverloadedError where too much does."""
        try:
            self._queue.put_nowait(work)
        except asyncio.QueueFull:
            raise OverloadedError("too many requests are waiting") from None

    async def batch(self, pace: Pace) -> list[Work]:
        """Wait for the next, and take what waits behind it, of as many codes as the pace says."""
        batch = [self._held or await self._queue.get()]
        self._held = None
        taken = batch[0].codes
        while not self._queue.empty():
            work = self._queue.get_nowait()
            taken += work.codes
            if taken > pace.codes:
                self._held = work  # opens the next batch
                break
            batch.append(work)
        return batch
