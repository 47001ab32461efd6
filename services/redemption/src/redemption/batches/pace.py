"""How many codes one transaction takes: as many as are decided in a moment.

It holds its campaigns until all is written, and whoever switches one off waits for that. Of a fast
machine the most is a full batch anyway; a busy one takes fewer, and so its switches stay quick.
"""

from typing import Final

MOST_CODES: Final = 2000  # each is a ledger entry and a message
FEWEST_CODES: Final = 150  # with fewer, a sixth of the time would go into round trips
HELD_SECONDS: Final = 0.08
WEIGHT: Final = 0.25  # of the newest batch: one that met a rival or a slow disk is no measure


class Pace:
    """What batches took lately; a class because it remembers."""

    def __init__(self) -> None:
        self._codes = float(MOST_CODES)

    @property
    def codes(self) -> int:
        """Return how many the next transaction may take."""
        return int(self._codes)

    def took(self, codes: int, seconds: float) -> None:
        """Learn from a batch; a small one tells of its round trips alone."""
        if 2 * codes < FEWEST_CODES:  # requests of several may never make up the fewest
            return
        fitting = min(max(codes * HELD_SECONDS / seconds, FEWEST_CODES), MOST_CODES)
        self._codes += WEIGHT * (fitting - self._codes)
