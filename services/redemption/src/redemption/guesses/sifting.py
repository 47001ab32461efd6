"""Kafka: sets wrong codes past the limit apart, before anything is decided or written.

A code that the decider would not know costs a ledger entry, an event and a fact. A customer who has
passed his limit is set apart with all that he sends, for he guesses; of a whole project or topic
past its limit only what is wrong, so that nobody's guesses stop other people's coupons. Importers
of history are trusted, and their past is in no hurry. What was answered before is never set apart:
its repeat gets the same answer and counts for nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import asyncpg

from contracts import topics
from contracts.guesses import GuessLimits
from redemption.guesses.counting import Guesses, Limit, most, subjects_of
from redemption.loading.facts import locate
from redemption.loading.memory import Memory
from redemption.model import CodeKey, Request
from redemption.outcomes import Response
from redemption.returns import Asked, Rollback
from redemption.store import projects
from redemption.store import requests as answered

HISTORY: Final = topics.REDEMPTION_REQUESTS_HISTORY.name
NO_LIMITS: Final = GuessLimits(per_customer=None, per_address=None, per_key=None)


class Wrong(NamedTuple):
    """How many wrong codes a request has, and how many its project bears."""

    codes: int
    limits: GuessLimits


class Sifted(NamedTuple):
    """Which requests are set apart, by their place, and the wrong ones among the others, by key."""

    apart: dict[int, Limit]
    wrong: dict[bytes, Wrong]


class Sieve:
    """Of one process; a class because it holds what it sifts by."""

    def __init__(self, pool: asyncpg.Pool, memory: Memory, guesses: Guesses) -> None:
        self._pool = pool
        self._memory = memory
        self._guesses = guesses

    async def sift(self, requests: Sequence[Asked]) -> Sifted:
        """Say which of the requests are set apart."""
        wrong_codes, limits = await self._wrong_codes(requests)
        if not wrong_codes and not self._guesses.anybody_waits:
            return Sifted({}, {})
        sifted = self._sift(requests, wrong_codes, limits, ())
        if not sifted.apart:
            return sifted
        keys = sifted.wrong.keys() | {requests[i].key for i in sifted.apart}
        async with self._pool.acquire() as conn:
            before = await answered.answered(conn, keys)
        return self._sift(requests, wrong_codes, limits, before) if before else sifted

    def count(
        self,
        wrong: Mapping[bytes, Wrong],
        requests: Sequence[Asked],
        responses: Sequence[Response | None],
    ) -> None:
        """Count the wrong ones of what was decided: now, for whatever repeats them are replays."""
        if not wrong:
            return
        for request, response in zip(requests, responses, strict=True):
            own = wrong.get(request.key)
            if own is None or isinstance(request, Rollback):
                continue
            if response is None or response.replayed or response.key_reused:
                continue
            at = request.at.timestamp()
            self._guesses.count(subjects_of(request), own.limits, at, own.codes)

    def refuse(self, request: Request, limit: Limit) -> None:
        """Note that a request was set apart, once that cannot be repeated by an outage."""
        self._guesses.refuse(request, limit)

    def _sift(
        self,
        requests: Sequence[Asked],
        wrong_codes: AbstractSet[CodeKey],
        limits: Mapping[str, GuessLimits],
        answered_before: Collection[bytes],
    ) -> Sifted:
        sifted = Sifted({}, {})
        taken = Guesses()  # by the wrong codes of this batch
        passed = set(answered_before)
        for i, request in enumerate(requests):
            if isinstance(request, Rollback) or request.caller == HISTORY or request.key in passed:
                continue  # who gives back guesses nothing
            own = limits.get(request.project_id, NO_LIMITS)
            wrong = sum(key in wrong_codes for key in request.code_keys)
            limit = self._past_customers_limit(request)
            if limit is None and wrong:
                limit = self._passed(request, own, taken)
            if limit is not None:
                sifted.apart[i] = limit
                continue
            passed.add(request.key)
            if wrong:
                taken.count(subjects_of(request), own, request.at.timestamp(), wrong)
                sifted.wrong[request.key] = Wrong(wrong, own)
        return sifted

    def _past_customers_limit(self, request: Request) -> Limit | None:
        closed = self._guesses.closed(request)
        return closed.limit if closed is not None and closed.limit == "customer" else None

    def _passed(self, request: Request, limits: GuessLimits, taken: Guesses) -> Limit | None:
        at = request.at.timestamp()
        for subject in subjects_of(request):
            allowed = most(subject, limits)
            if allowed is None:
                continue
            used = self._guesses.used(subject, limits, at) + taken.used(subject, limits, at)
            if used >= allowed:
                return subject.limit
        return None

    async def _wrong_codes(
        self, requests: Sequence[Asked]
    ) -> tuple[set[CodeKey], dict[str, GuessLimits]]:
        unsure = self._memory.unknown_codes(
            key for request in requests if request.caller != HISTORY for key in request.code_keys
        )
        if not unsure:
            return unsure, {}
        async with self._pool.acquire() as conn:
            wrong = unsure - (await locate(conn, unsure, self._memory)).keys()
            if not wrong:
                return wrong, {}
            limits = await projects.guess_limits(conn, {project_id for project_id, _ in wrong})
            return wrong, limits
