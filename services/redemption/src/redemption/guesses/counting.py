"""Counts wrong codes in a sliding window, and says who has to wait.

Each process counts for itself and forgets when it ends: an attack meets as many limits as there are
processes, and none of them costs a query. Pure, but for the clock.
"""

import ipaddress
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, TypeAlias

from contracts.guesses import LONGEST_WINDOW_SECONDS, GuessLimits
from redemption.model import Request

Limit: TypeAlias = Literal["customer", "address", "key"]

MOST_SUBJECTS: Final = 50_000
OF_ONE_NETWORK: Final = 64  # bits of an IPv6 address: whoever has one has all that begin alike


class Subject(NamedTuple):
    """Who guesses, by one of the ways to name him."""

    project_id: str
    limit: Limit
    name: str


class Closed(NamedTuple):
    """Nothing more is tried for a while, because a limit was passed."""

    limit: Limit
    seconds: int


class Refused(NamedTuple):
    """Whose requests were refused unread, in which minute, by which limit."""

    project_id: str
    minute: datetime
    limit: Limit
    caller: str


def subjects_of(request: Request, address: str | None = None) -> list[Subject]:
    """Return all that a wrong code of this request is counted for, the narrowest first."""
    named: list[tuple[Limit, str | None]] = [
        ("customer", request.customer_id),
        ("address", address),
        ("key", request.caller),
    ]
    return [Subject(request.project_id, limit, name) for limit, name in named if name is not None]


def network_of(address: str) -> str:
    """Return what guesses from this address are counted under."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address, OF_ONE_NETWORK), strict=False))
    except ValueError:  # a zone, or what some proxy made of it
        return address


def most(subject: Subject, limits: GuessLimits) -> int | None:
    """Return how many wrong codes of this subject a project bears in a window."""
    match subject.limit:
        case "customer":
            return limits.per_customer
        case "address":
            return limits.per_address
        case "key":
            return limits.per_key


class Guesses:
    """Of one process; a class because it counts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[Subject, list[float]] = {}  # the moments, as many as may be
        self._closed: dict[Subject, float] = {}  # until when
        self._refused: Counter[Refused] = Counter()

    @property
    def anybody_waits(self) -> bool:
        """Tell whether a limit was passed of late. Nearly always none was."""
        return bool(self._closed)

    def closed(self, request: Request, address: str | None = None) -> Closed | None:
        """Say who has to wait, and for how long."""
        now = self._clock()
        for subject in subjects_of(request, address):
            until = self._closed.get(subject)
            if until is not None and until > now:
                return Closed(subject.limit, math.ceil(until - now))
        return None

    def used(self, subject: Subject, limits: GuessLimits) -> int:
        """Return how many wrong codes this subject has sent within the window."""
        since = self._clock() - limits.window_seconds
        return sum(moment > since for moment in self._wrong.get(subject, ()))

    def count(self, subjects: Iterable[Subject], limits: GuessLimits) -> None:
        """Count one wrong code."""
        now = self._clock()
        for subject in subjects:
            allowed = most(subject, limits)
            if allowed is None:
                continue
            wrong = self._wrong.setdefault(subject, [])
            wrong.append(now)
            del wrong[:-allowed]
            until = wrong[0] + limits.window_seconds
            if len(wrong) == allowed and until > now:
                self._closed[subject] = until
        if len(self._wrong) > MOST_SUBJECTS:
            self._forget(now)

    def refuse(self, request: Request, limit: Limit) -> None:
        """Note that a request was refused unread, in the minute in which that happened."""
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        self._refused[Refused(request.project_id, minute, limit, request.caller)] += 1

    def take_refused(self) -> Counter[Refused]:
        """Return what was noted since the last time, and forget who need not wait any more."""
        now = self._clock()
        self._closed = {s: until for s, until in self._closed.items() if until > now}
        taken, self._refused = self._refused, Counter()
        return taken

    def give_back(self, refused: Counter[Refused]) -> None:
        """Note again what could not be told."""
        self._refused.update(refused)

    def _forget(self, now: float) -> None:
        """Make room: first of what no window reaches, then of what was met first."""
        self._closed = {s: until for s, until in self._closed.items() if until > now}
        since = now - LONGEST_WINDOW_SECONDS
        recent = [(s, wrong) for s, wrong in self._wrong.items() if wrong[-1] > since]
        self._wrong = dict(recent[-MOST_SUBJECTS // 2 :])
