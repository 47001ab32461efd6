"""HTTP: bounds the wrong codes that come at once, by places that codes hold while they are judged.

Whether a code is wrong is known only once it is decided, and counting it then bounds nothing that
came meanwhile. So each code that this process does not know yet takes a place of what its customer,
address and key have left, and gives it back unless it was wrong. Where none is left others wait for
one: a rush of new codes of one shop is decided in turns, and a rush of guesses ends at the limit.
Codes that were met before need no place: nobody's guesses stop a shop's known coupons.
"""

import asyncio
import time
from typing import NamedTuple

from contracts.guesses import GuessLimits
from redemption.guesses.counting import Closed, Guesses, Subject, most, subjects_of
from redemption.loading.memory import Memory
from redemption.model import CodeKey, Request


class Held(NamedTuple):
    """The places of one request: one per code, with everybody whom they would count for."""

    subjects: list[Subject]
    codes: list[CodeKey]
    limits: GuessLimits
    at: float
    of_stranger: bool


class Places:
    """Of one process; a class because they are held."""

    def __init__(self, guesses: Guesses, memory: Memory) -> None:
        self._guesses = guesses
        self._memory = memory
        self._held: dict[Subject, int] = {}
        self._waiting: dict[Subject, list[asyncio.Future[None]]] = {}

    async def take(
        self,
        request: Request,
        address: str | None,
        limits: GuessLimits,
        deadline: float,
        *,
        of_stranger: bool = False,
    ) -> Held | Closed | None:
        """Return its places, or who has to wait; None is "needs none".

        Each code of a stranger takes one, or who is let in would tell which of them there are.
        Raises TimeoutError where none got free until the deadline, in `time.monotonic()` seconds.
        """
        unknown = [
            key for key in request.code_keys if of_stranger or self._memory.place_of(key) is None
        ]
        if self._guesses.anybody_waits and (closed := self._closed(request, address, unknown)):
            return closed
        if not unknown:
            return None
        subjects, at = subjects_of(request, address), request.at.timestamp()
        while (full := self._first_full(subjects, limits, at)) is not None:
            freed = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(full, []).append(freed)
            async with asyncio.timeout(deadline - time.monotonic()):
                await freed
            if closed := self._closed(request, address, unknown):
                return closed
        # Who has one place left is let in with all his codes: or a stack longer than a limit would
        # never pass. It is told only which of them was refused first.
        for subject in subjects:
            self._held[subject] = self._held.get(subject, 0) + len(unknown)
        return Held(subjects, unknown, limits, at, of_stranger)

    def give_back(self, held: Held, *, refused: bool) -> None:
        """Give places back; of what was `refused` now, perhaps in part, wrong codes count."""
        if refused:
            # Deciding remembers those that exist; to a stranger none does that is refused.
            wrong = sum(
                held.of_stranger or self._memory.place_of(code) is None for code in held.codes
            )
            if wrong:
                self._guesses.count(held.subjects, held.limits, held.at, wrong)
        for subject in held.subjects:
            left = self._held[subject] - len(held.codes)
            if left:
                self._held[subject] = left
            else:
                del self._held[subject]
            if self._waiting:
                for freed in self._waiting.pop(subject, ()):
                    if not freed.done():  # its request may have given up
                        freed.set_result(None)

    def _closed(
        self, request: Request, address: str | None, unknown: list[CodeKey]
    ) -> Closed | None:
        """Say who has to wait: a customer with all he sends, others with what nobody knows yet."""
        closed = self._guesses.closed(request, address)
        return closed if closed and (unknown or closed.limit == "customer") else None

    def _first_full(
        self, subjects: list[Subject], limits: GuessLimits, at: float
    ) -> Subject | None:
        for subject in subjects:
            held = self._held.get(subject)
            if held is None:
                continue  # not closed, so one is left
            allowed = most(subject, limits)
            if allowed is not None and held + self._guesses.used(subject, limits, at) >= allowed:
                return subject
        return None
