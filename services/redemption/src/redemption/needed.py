"""Reads what decisions go by: of few by one statement, for which a lone request waits once."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from contracts.stacking import StackingRules
from redemption.known import KnownCustomer, KnownOrder
from redemption.model import (
    CampaignKey,
    CodeKey,
    CounterKey,
    CustomerKey,
    OrderKey,
    Place,
)
from redemption.needs import Needs
from redemption.segments import Listed
from redemption.store import counters, customers, orders, projects, segments, vouchers
from redemption.store.locks import Lock
from redemption.store.vouchers import CodeState
from servicekit.postgres.pool import Connection
from servicekit.postgres.reading import ask


class Needed(NamedTuple):
    """What was found; of campaigns nothing where they are locked."""

    codes: Mapping[CodeKey, CodeState]
    campaigns: dict[CampaignKey, Lock]
    used: dict[CounterKey, int]
    customers: dict[CustomerKey, KnownCustomer]
    orders: dict[OrderKey, KnownOrder]
    members: Collection[Listed]
    stacking: dict[str, StackingRules]


async def read(
    conn: Connection, places: Mapping[CodeKey, Place], needs: Needs, *, lock: bool
) -> Needed:
    """Read codes and what else is needed; behind the campaigns' locks, it locks what it may change.

    Without, codes are read with their campaigns, and all else at that moment or later.
    """
    codes = vouchers.question(places) if lock else vouchers.question_with_campaigns(places)
    found = await ask(
        conn,
        codes,
        counters.question(needs.counters),
        customers.question(needs.customers, lock=lock),
        orders.question(needs.orders, lock=lock),
        segments.listed_question(needs.members),
        projects.stacking_question(needs.stacking),
    )
    campaigns: dict[CampaignKey, Lock] = {}
    if lock:
        states = vouchers.found(places, found[0])
    else:
        states, campaigns = vouchers.found_with_campaigns(places, found[0])
    return Needed(
        states,
        campaigns,
        counters.found(found[1]),
        customers.found(needs.customers, found[2]),
        orders.found(found[3]),
        segments.listed_found(found[4]),
        projects.stacking_found(found[5]),
    )
