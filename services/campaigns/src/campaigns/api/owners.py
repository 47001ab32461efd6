"""Whose campaign it is, for links: they carry an id alone, and strangers make those up for nothing.

What was found is remembered, since a campaign never changes hands. All others who ask at one moment
share one statement, and one runs at a time: made-up ids, however many, keep one connection busy and
nobody's campaign waiting. Of what was not found nothing is kept: it may be there in a moment.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Final

MOST_AT_ONCE: Final = 1000
MOST_KNOWN: Final = 100_000  # some 20 MB

Load = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]


class Owners:
    """A class because it remembers. `load` returns the projects of those ids that there are."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._known: dict[str, str] = {}
        self._asked: dict[str, asyncio.Future[str | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def of(self, campaign_id: str) -> str | None:
        """Return whose campaign this is, or None where there is none. An outage is raised."""
        if (known := self._known.get(campaign_id)) is not None:
            return known
        answer = self._asked.get(campaign_id)
        if answer is None:
            answer = self._asked[campaign_id] = asyncio.get_running_loop().create_future()
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        return await asyncio.shield(answer)  # whoever goes away does not take it along

    async def _read(self) -> None:
        while self._asked:
            ids = list(islice(self._asked, MOST_AT_ONCE))
            asked = {each: self._asked.pop(each) for each in ids}
            try:
                found = await self._load(ids)
            except Exception as error:  # noqa: BLE001 - it is raised to all who asked
                for answer in asked.values():
                    answer.set_exception(error)
                    answer.exception()  # also where all who waited have gone away
                continue
            for campaign_id, answer in asked.items():
                answer.set_result(found.get(campaign_id))
            self._known |= found
            for oldest in list(islice(self._known, max(0, len(self._known) - MOST_KNOWN))):
                del self._known[oldest]
