"""Parts of a batch that lock nothing in common: of what is locked too long each is one's own."""

from collections import defaultdict
from collections.abc import Sequence

import asyncpg

from redemption.batches.work import Work
from redemption.loading.facts import locate
from redemption.loading.memory import Memory


async def by_campaign(
    pool: asyncpg.Pool, memory: Memory, batch: Sequence[Work]
) -> list[list[Work]]:
    """Return those who ask for codes of the same campaigns together."""
    async with pool.acquire() as conn:
        codes = {key for work in batch for r in work.requests for key in r.code_keys}
        places = await locate(conn, codes, memory)
    parts = defaultdict(list)
    for work in batch:
        keys = [key for r in work.requests for key in r.code_keys]
        known = [place.campaign if (place := places.get(key)) else None for key in keys]
        parts[frozenset(known)].append(work)
    return list(parts.values())
