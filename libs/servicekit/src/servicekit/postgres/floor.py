"""From which id on a claim looks, so that it does not walk over what it deleted before.

The index entries of deleted rows stay until vacuum comes; walked by every claim they cost more than
the claim. But ids are taken before the commit: a row with a lower id may appear after a higher one
is gone. So the floor is what had been reached a second ago, and every few seconds it is zero, for
the rows of transactions that took longer and of rival relays that died.
"""

from typing import Final

RISE_SECONDS: Final = 1.0
SWEEP_SECONDS: Final = 5.0


class Floor:
    """The id above which a claim looks; a class because it remembers what was reached, and when."""

    def __init__(self) -> None:
        self._reached = 0
        self._before = 0  # what had been reached when the floor last rose
        self._floor = 0
        self._rose_at = float("-inf")
        self._swept_at = float("-inf")

    def above(self, now: float) -> int:
        """Return the id above which the next claim must look."""
        if now - self._rose_at >= RISE_SECONDS:
            self._floor, self._before, self._rose_at = self._before, self._reached, now
        if now - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = now
            return 0
        return self._floor

    def reached(self, id_: int) -> None:
        """Note the highest id of a batch that is committed."""
        self._reached = max(self._reached, id_)
