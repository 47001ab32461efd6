"""Reads what decisions go by: of few by one statement, for which a lone request waits once."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from contracts.stacking import StackingRules
from redemption.customers.known import KnownCustomer, KnownOrder
from redemption.customers.segments import Listed
from redemption.loading.needs import Needs
from redemption.model import (
    CampaignKey,
    CodeKey,
    CounterKey,
    CustomerKey,
    OrderKey,
    Place,
)
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
    who = customers.question(needs.customers, lock=lock)
    rest = (
        codes,
        counters.question(needs.counters),
        orders.question(needs.orders, lock=lock),
        segments.listed_question(needs.members),
        projects.stacking_question(needs.stacking),
    )
    if lock:
        # Whoever waited for a customer sees the orders that its rival made in a later statement.
        [theirs] = await ask(conn, who)
        state, used, bought, members, stacking = await ask(conn, *rest)
    else:
        theirs, state, used, bought, members, stacking = await ask(conn, who, *rest)
    campaigns: dict[CampaignKey, Lock] = {}
    if lock:
        states = vouchers.found(places, state)
    else:
        states, campaigns = vouchers.found_with_campaigns(places, state)
    return Needed(
        states,
        campaigns,
        counters.found(used),
        customers.found(needs.customers, theirs),
        orders.found(bought),
        segments.listed_found(members),
        projects.stacking_found(stacking),
    )
