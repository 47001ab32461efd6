"""Codes sorted by what their campaigns have: one campaign after the other, each by age."""

from collections.abc import Sequence
from typing import Any

from campaigns.listing import tuning, ways
from campaigns.listing import voucher_store as store
from campaigns.listing.asked import Row
from campaigns.listing.cursors import Key
from campaigns.listing.prepared import List, within


async def by_campaign(found: List, key: str, after: Key | None, limit: int, skip: int) -> list[Key]:
    """List one campaign after the other in the order of what they have, and within each by age.

    It begins after a key, or after so many rows to `skip`: never both.
    """
    asked = found.asked
    here = None if after is None else (after[0], after[1])

    async def turns(most: int | None) -> list[tuple[Any, str]]:
        ordered = await store.campaigns_in_order(
            found.conn,
            asked.project_id,
            found.at,
            key=key,
            descending=found.descending,
            after=here,
            most=most,
        )
        return [each for each in ordered if asked.selection.states_of(each[1])]

    def keys(rows: Sequence[Row], of: Sequence[tuple[Any, str]]) -> list[Key]:
        values = {campaign_id: value for value, campaign_id in of}
        return [(values[r.key[0]], r.key[0], r.key[1], r.id) for r in rows]

    def inner(of: Sequence[tuple[Any, str]]) -> Key | None:
        return after[2:] if after is not None and of and of[0] == here else None

    if asked.is_plain:
        some = await turns(tuning.MOST_TURNS)
        rows = await _in_turn(found, [each[1] for each in some], inner(some), limit, skip)
        if len(rows) >= limit:
            return keys(rows, some)
    every = await turns(None)
    ids = [each[1] for each in every]

    async def gather() -> list[Row]:
        return await ways.gather_in_turn(
            found.conn, asked, ids, found.descending, inner(every), limit=limit, skip=skip
        )

    if not asked.is_plain and found.few:
        gathered = await within(found.conn, tuning.GATHER_MS, gather)
        if gathered is not None:
            return keys(gathered, every)
    rows = await _in_turn(found, ids, inner(every), limit, skip)
    if len(rows) < limit and not asked.is_plain:
        rows = await gather()
    return keys(rows, every)


async def _in_turn(
    found: List, ids: Sequence[str], inner: Key | None, limit: int, skip: int
) -> list[Row]:
    """Take so many campaigns at once as have the rows that are needed, by the counts kept."""
    rows: list[Row] = []
    passed, chosen = 0, list[str]()
    plain = found.asked.is_plain
    enough = 0 if plain else tuning.WALKED * (1 + skip // tuning.STEP)

    async def walked() -> list[Row]:
        return await ways.walk_in_turn(
            found.conn,
            found.asked,
            chosen,
            found.descending,
            inner if chosen[0] == ids[0] else None,
            limit=limit - len(rows),
            most=max(skip + limit, enough),
            skip=skip,
        )

    for begin in range(0, len(ids), tuning.TURNS):
        some = ids[begin : begin + tuning.TURNS]
        counts = await store.kept_counts_of(found.conn, found.asked.project_id, some)
        for campaign in some:
            states = found.asked.selection.states_of(campaign)
            held = sum(counts.get((campaign, state), 0) for state in states)
            resumed = inner is not None and campaign == ids[0]
            if not held and not resumed:
                continue
            if plain and not chosen and held <= skip:
                skip -= held
                continue
            chosen.append(campaign)
            passed += held
            if (plain and resumed) or passed < max(skip + limit - len(rows), enough):
                continue
            rows += await walked()
            if len(rows) >= limit or enough:
                return rows
            passed, chosen = 0, []
    if chosen:
        rows += await walked()
    return rows
