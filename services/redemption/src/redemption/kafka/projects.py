"""Which projects there are, how each spells codes and counts, for whoever comes without a key."""

from collections.abc import Set as AbstractSet

import asyncpg

from redemption.store import projects


class KnownProjects:
    """Asks about each project once: none ever goes, nor changes letter case or currency.

    A class because it remembers.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._known: set[str] = set()
        self.without_letter_case: set[str] = set()
        self.currencies: dict[str, str] = {}

    async def unknown(self, project_ids: AbstractSet[str]) -> AbstractSet[str]:
        """Return those that do not exist; such a one is asked about again the next time."""
        unsure = project_ids - self._known
        if not unsure:
            return unsure
        async with self._pool.acquire() as conn:
            known = await projects.lasting(conn, unsure)
        self._known |= known.keys()
        self.without_letter_case |= {
            each for each, told in known.items() if not told.case_sensitive_codes
        }
        self.currencies |= {each: told.currency for each, told in known.items()}
        return unsure - known.keys()
