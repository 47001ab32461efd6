"""How many requests of each project wait for a decision: none fills the queue that all share."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from redemption.batches.work import OverloadedError


class Crowds:
    """Who waits, by project; a class because it counts."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def joined(self, project_id: str) -> Iterator[None]:
        """Count one more for the block. Raises OverloadedError where too many are waiting."""
        if self._waiting[project_id] >= self._most:
            raise OverloadedError("too many requests of this project are waiting")
        self._waiting[project_id] += 1
        try:
            yield
        finally:
            self._waiting[project_id] -= 1
