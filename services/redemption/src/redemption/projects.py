"""Which projects there are and how each spells its codes, for whoever comes without a key."""

from collections.abc import Set as AbstractSet

import asyncpg

from redemption.store import projects


class KnownProjects:
    """Asks about each project once: none ever goes, nor changes letter case.

    A class because it remembers.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._known: set[str] = set()
        self.without_letter_case: set[str] = set()

    async def unknown(self, project_ids: AbstractSet[str]) -> AbstractSet[str]:
        """Return those that do not exist; such a one is asked about again the next time."""
        unsure = project_ids - self._known
        if not unsure:
            return unsure
        async with self._pool.acquire() as conn:
            known = await projects.letter_case(conn, unsure)
        self._known |= known.keys()
        self.without_letter_case |= {each for each, told in known.items() if not told}
        return unsure - known.keys()
