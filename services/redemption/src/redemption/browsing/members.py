"""Who is in a segment now: judged customer by customer, by the code that judges a redemption.

Of a list those of it who are known. It takes as long as there are customers, so it is asked for
and not kept; nobody waits for it longer than `PATIENCE_SECONDS`.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from redemption.browsing.memberships import facts_of
from redemption.customers.segments import compile_filter
from redemption.store import customers, projects, segments, showing
from redemption.store.showing import MILLISECOND, Page
from servicekit.postgres.pool import Lender, transaction

PATIENCE_SECONDS: Final = 20.0


class Members(NamedTuple):
    """A page of them, and how many there are."""

    rows: Sequence[asyncpg.Record]
    total: int
    has_more: bool


async def page_of(
    lender: Lender, project_id: str, segment_id: str, page: Page, at: datetime
) -> Members | None:
    """Return a page of who is in the segment at that moment; None where there is none such.

    Raises TimeoutError where that takes too long.
    """
    async with asyncio.timeout(PATIENCE_SECONDS), transaction(lender) as conn:
        key = (project_id, segment_id)
        found = (await segments.read(conn, [key])).get(key)
        if found is None or found.deleted:
            return None
        zone = await projects.time_zone(conn, project_id)
        includes = None if found.filter is None else compile_filter(found.filter, zone)
        listed = segment_id if includes is None else None
        total, shown, is_after = 0, list[str](), page.after is None
        walk = customers.walk(conn, project_id, listed, descending=page.descending)
        begin = page.offset
        async for customer_id, known in walk:
            if not is_after and _is_past(page, known.created_at):
                is_after, begin = True, total + page.offset
            if includes is None or includes(facts_of(known, at), at):
                total += 1
                if is_after and total > begin and len(shown) < page.limit:
                    shown.append(customer_id)
            if customer_id == page.after:
                is_after, begin = True, total + page.offset
        has_more = is_after and total > begin + len(shown)
        return Members(await showing.those(conn, project_id, shown), total, has_more)


def _is_past(page: Page, first_seen: datetime | None) -> bool:
    """Tell whether who was first seen then comes after the millisecond that a page begins after."""
    if first_seen is None or not isinstance(page.after, datetime):
        return False
    return first_seen < page.after if page.descending else first_seen >= page.after + MILLISECOND
