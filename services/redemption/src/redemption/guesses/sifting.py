"""Kafka: sets wrong codes past the limit apart, before anything is decided or written.

A code that the decider would not know costs a ledger entry, an event and a fact. A customer who has
passed his limit is set apart with all that he sends, for he guesses; of a whole project or topic
past its limit only what is wrong, so that nobody's guesses stop other people's coupons. Importers
of history are trusted, and their past is in no hurry.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import asyncpg

from contracts import topics
from contracts.guesses import GuessLimits
from redemption.facts import locate
from redemption.guesses.counting import Guesses, Limit, Subject, most, subjects_of
from redemption.memory import Memory
from redemption.model import CodeKey, Request
from redemption.store import projects

HISTORY: Final = topics.REDEMPTION_REQUESTS_HISTORY.name
NO_LIMITS: Final = GuessLimits(per_customer=None, per_address=None, per_key=None)


class Sifted(NamedTuple):
    """Which requests are set apart, by their place, and by which limit.

    Nothing is counted before the others are decided: an outage repeats the batch.
    """

    apart: dict[int, Limit]
    refused: list[tuple[Request, Limit]]
    wrong: list[tuple[Request, GuessLimits]]


class Sieve:
    """Of one process; a class because it holds what it sifts by."""

    def __init__(self, pool: asyncpg.Pool, memory: Memory, guesses: Guesses) -> None:
        self._pool = pool
        self._memory = memory
        self._guesses = guesses

    async def sift(self, requests: Sequence[Request]) -> Sifted:
        """Say which of the requests are set apart."""
        wrong_codes, limits = await self._wrong_codes(requests)
        sifted = Sifted({}, [], [])
        if not wrong_codes and not self._guesses.anybody_waits:
            return sifted
        taken: Counter[Subject] = Counter()  # by the wrong codes of this batch
        for i, request in enumerate(requests):
            if request.caller == HISTORY:
                continue
            own = limits.get(request.project_id, NO_LIMITS)
            is_wrong = not wrong_codes.isdisjoint(request.code_keys)
            limit = self._past_customers_limit(request)
            if limit is None and is_wrong:
                limit = self._passed(request, own, taken)
            if limit is not None:
                sifted.apart[i] = limit
                sifted.refused.append((request, limit))
            elif is_wrong:
                taken.update(subjects_of(request))
                sifted.wrong.append((request, own))
        return sifted

    def count(self, sifted: Sifted) -> None:
        """Count what was sifted, once the others are decided."""
        for request, limits in sifted.wrong:
            self._guesses.count(subjects_of(request), limits)
        for request, limit in sifted.refused:
            self._guesses.refuse(request, limit)

    def _past_customers_limit(self, request: Request) -> Limit | None:
        closed = self._guesses.closed(request)
        return closed.limit if closed is not None and closed.limit == "customer" else None

    def _passed(
        self, request: Request, limits: GuessLimits, taken: Counter[Subject]
    ) -> Limit | None:
        for subject in subjects_of(request):
            allowed = most(subject, limits)
            used = self._guesses.used(subject, limits) + taken[subject]
            if allowed is not None and used >= allowed:
                return subject.limit
        return None

    async def _wrong_codes(
        self, requests: Sequence[Request]
    ) -> tuple[set[CodeKey], dict[str, GuessLimits]]:
        campaign_of = self._memory.campaign_of
        unsure = {
            key
            for request in requests
            if request.caller != HISTORY
            for code in request.codes
            if campaign_of(key := (request.project_id, code)) is None
        }
        if not unsure:
            return unsure, {}
        async with self._pool.acquire() as conn:
            wrong = unsure - (await locate(conn, unsure, self._memory)).keys()
            if not wrong:
                return wrong, {}
            limits = await projects.guess_limits(conn, {project_id for project_id, _ in wrong})
            return wrong, limits
