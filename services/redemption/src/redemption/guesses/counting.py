"""Counts wrong codes in a sliding window, and says who has to wait.

Each process counts for itself and forgets when it ends: an attack meets as many limits as there are
processes, and none of them costs a query. Moments are those of the requests, their records'
timestamps or their receipts, in seconds since 1970: a backlog is judged as if it had been read in
time. Partitions of it are read one ahead of another, so the window reaches to both sides of a
request; of those that come in order nothing is later.
"""

import ipaddress
import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable
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
    project_id, customer_id = request.project_id, request.customer_id
    subjects = [] if customer_id is None else [Subject(project_id, "customer", customer_id)]
    if address is not None:
        subjects.append(Subject(project_id, "address", address))
    subjects.append(Subject(project_id, "key", request.caller))
    return subjects


def network_of(address: str) -> str:
    """Return what guesses from this address are counted under."""
    if ":" not in address:
        return address
    try:
        ip = ipaddress.IPv6Address(address)
    except ValueError:  # what some proxy made of it
        return address
    if ip.ipv4_mapped is not None:  # as a socket for both writes it: they all begin alike
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(ip), OF_ONE_NETWORK), strict=False))


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

    def __init__(self) -> None:
        self._wrong: dict[Subject, list[float]] = {}  # the moments in order, as many as may be
        self._closed: dict[Subject, tuple[float, float]] = {}  # after when, until when
        self._latest = 0.0  # of all moments that were seen
        self._refused: Counter[Refused] = Counter()

    @property
    def anybody_waits(self) -> bool:
        """Tell whether a limit was passed of late. Nearly always none was."""
        return bool(self._closed)

    def closed(self, request: Request, address: str | None = None) -> Closed | None:
        """Say who has to wait, and for how long."""
        at = request.at.timestamp()
        self._latest = max(self._latest, at)
        for subject in subjects_of(request, address):
            after, until = self._closed.get(subject, (0.0, 0.0))
            if after < at < until:
                return Closed(subject.limit, math.ceil(until - at))
        return None

    def used(self, subject: Subject, limits: GuessLimits, at: float) -> int:
        """Return how many wrong codes this subject has sent within the window of this moment."""
        wrong = self._wrong.get(subject, ())
        window = limits.window_seconds
        return bisect_left(wrong, at + window) - bisect_right(wrong, at - window)

    def count(
        self, subjects: Iterable[Subject], limits: GuessLimits, at: float, codes: int = 1
    ) -> None:
        """Count wrong codes, sent together at this moment."""
        self._latest = max(self._latest, at)
        window = limits.window_seconds
        for subject in subjects:
            allowed = most(subject, limits)
            if allowed is None:
                continue
            wrong = self._wrong.setdefault(subject, [])
            for _ in range(codes):
                insort(wrong, at)
            while len(wrong) > allowed:  # what is farthest from what is being read
                wrong.pop(0 if at - wrong[0] >= wrong[-1] - at else -1)
            first, last = wrong[0], wrong[-1]
            if len(wrong) == allowed and last - first < window:
                self._closed[subject] = (last - window, first + window)
        if len(self._wrong) > MOST_SUBJECTS:
            self._forget()

    def refuse(self, request: Request, limit: Limit) -> None:
        """Note that a request was refused unread, in the minute in which that happened."""
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        self._refused[Refused(request.project_id, minute, limit, request.caller)] += 1

    def take_refused(self) -> Counter[Refused]:
        """Return what was noted since the last time, and forget who need not wait any more."""
        self._open()
        taken, self._refused = self._refused, Counter()
        return taken

    def _open(self) -> None:
        self._closed = {s: span for s, span in self._closed.items() if span[1] > self._latest}

    def _forget(self) -> None:
        """Make room: first of what no window reaches, then of what was met first."""
        self._open()
        since = self._latest - LONGEST_WINDOW_SECONDS
        recent = [(s, wrong) for s, wrong in self._wrong.items() if wrong[-1] > since]
        self._wrong = dict(recent[-MOST_SUBJECTS // 2 :])
