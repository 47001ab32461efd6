"""Kafka: sets wrong codes past the limit apart, before anything is decided or written.

A code that the decider would not know costs a ledger entry, an event and a fact. A customer who has
passed his limit is set apart with all that he sends, for he guesses; of a whole project or topic
past its limit only what is wrong, so that nobody's guesses stop other people's coupons.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from contracts.guesses import GuessLimits
from redemption.facts import locate
from redemption.guesses.counting import Guesses, Limit, Subject, most, subjects_of
from redemption.memory import Memory
from redemption.model import CodeKey, Request
from redemption.store import definitions

NO_LIMITS = GuessLimits(per_customer=None, per_address=None, per_key=None)


class Sifted(NamedTuple):
    """For each request the limit that sets it apart, or None; and the wrong codes among the rest.

    Nothing is counted before the rest is decided: an outage repeats the batch.
    """

    apart: list[Limit | None]
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
        apart: list[Limit | None] = []
        wrong: list[tuple[Request, GuessLimits]] = []
        taken: Counter[Subject] = Counter()  # by the wrong codes of this batch
        for request in requests:
            limit = self._past_customers_limit(request)
            if limit is None and wrong_codes and not wrong_codes.isdisjoint(request.code_keys):
                own = limits.get(request.project_id, NO_LIMITS)
                limit = self._passed(request, own, taken)
                if limit is None:
                    taken.update(subjects_of(request))
                    wrong.append((request, own))
            apart.append(limit)
        return Sifted(apart, wrong)

    def count(self, requests: Sequence[Request], sifted: Sifted) -> None:
        """Count what was sifted, once the rest is decided."""
        for request, limits in sifted.wrong:
            self._guesses.count(subjects_of(request), limits)
        for request, limit in zip(requests, sifted.apart, strict=True):
            if limit is not None:
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
            for code in request.codes
            if campaign_of(key := (request.project_id, code)) is None
        }
        if not unsure:
            return unsure, {}
        async with self._pool.acquire() as conn:
            wrong = unsure - (await locate(conn, unsure, self._memory)).keys()
            if not wrong:
                return wrong, {}
            limits = await definitions.guess_limits(conn, {project_id for project_id, _ in wrong})
            return wrong, limits
