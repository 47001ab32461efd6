"""Counts past redemptions when a limit appears: what is not limited is not counted.

The claims of the new terms are computed anew for every redemption in the ledger, and for what was
given back of it, so a limit needs nothing here to be counted from its first day. Behind the
campaign's lock, for as long as it takes: cut off by a time limit, the snapshot would be tried again
for ever.
"""

import asyncio
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from contracts.terms import Terms
from redemption.claims import limits
from redemption.claims.limits import Taken
from redemption.model import Campaign, CampaignKey, CounterKey, Offer, Voucher
from redemption.store import counters, definitions, ledger
from servicekit.postgres.pool import Connection
from servicekit.postgres.writing import write

CHUNK = 10_000
AT_ONCE = 200


class PastUse(NamedTuple):
    """By whom and when a code was used."""

    customer_id: str | None
    at: datetime


def appeared(terms: Terms, time_zone: str, before: Campaign | None) -> set[str]:
    """Return what is counted from now on and was not."""
    known = limits.kinds(before.terms, before.time_zone) if before else set()
    return limits.kinds(terms, time_zone) - known


async def forget_what_is_gone(
    conn: Connection, key: CampaignKey, terms: Terms, time_zone: str, before: Campaign | None
) -> None:
    """Drop the counters of what is not limited any more: when it is again it is counted anew."""
    known = limits.kinds(before.terms, before.time_zone) if before else set()
    gone = known - limits.kinds(terms, time_zone)
    if gone:
        await counters.drop(conn, key, gone)


async def recount_what_appeared(
    conn: Connection, key: CampaignKey, before: Campaign | None
) -> None:
    """Set the counters that the terms in force claim and those before did not."""
    campaign = (await definitions.read_campaigns(conn, [key]))[key]
    new = appeared(campaign.terms, campaign.time_zone, before)
    if not new:
        return
    counted = limits.counted(campaign.terms, campaign.time_zone)
    counted = [each for each in counted if each.kind in new]
    await conn.execute("SET LOCAL statement_timeout = 0")
    used: Counter[CounterKey] = Counter()
    read = 0
    async for past in ledger.used_in(conn, key):
        read += 1
        if read % AT_ONCE == 0:
            await asyncio.sleep(0)  # others' switches wait in this process
        offer = Offer(
            project_id=key[0],
            code=past["code"],
            voucher=Voucher(id="", active=True, quantity=None, sequence=0, number=0),
            campaign=campaign,
            campaign_active=True,
        )
        use = PastUse(past["customer_id"], past["at"])
        # Negative is what was given back.
        taken = Taken(past["discount_minor"], past["order_minor"], past["uses"])
        for each in counted:
            counter = limits.counter_of(each, offer, use)
            if counter is not None:
                used[counter] += limits.amount_of(each, taken)
    counted_now = [(counter, uses) for counter, uses in used.items() if uses]
    for start in range(0, len(counted_now), CHUNK):
        await write(conn, 0, [], [counters.set_used(dict(counted_now[start : start + CHUNK]))])
