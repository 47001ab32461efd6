"""What waits for the decider, and how it is given up or fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

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
