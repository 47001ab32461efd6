"""Loads what decisions go by, for a redemption behind the locks and for a validation without."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from contracts.stacking import StackingRules
from contracts.terms import Terms
from redemption import limits, named_segments
from redemption.decide import Facts
from redemption.limits import CAMPAIGN, CODE
from redemption.memory import Memory
from redemption.model import (
    Campaign,
    CampaignKey,
    CodeKey,
    CounterKey,
    CustomerKey,
    Offer,
    Place,
    Request,
    Use,
)
from redemption.periods import is_known
from redemption.purchases import Purchases
from redemption.returns import Asked, Rollback
from redemption.segments import Segments
from redemption.store import (
    counters,
    customers,
    definitions,
    locks,
    orders,
    projects,
    vouchers,
)
from redemption.store.locks import Lock
from servicekit.postgres.pool import Connection


async def load(
    conn: Connection,
    requests: Sequence[Asked],
    memory: Memory,
    *,
    lock: bool,
    spends: bool = True,
) -> Facts:
    """Return the facts for these requests; with `lock` nobody changes them before the commit.

    Without, they are those of one moment: of its revisions, whatever is read after them. Unless the
    request `spends`, nothing is read that only matters to what is written of it.
    """
    asked = {key for request in requests for key in request.code_keys}
    places = await locate(conn, asked, memory)
    if lock:
        read = await locks.lock_campaigns(conn, {place.campaign for place in places.values()})
        # Only now, behind the locks: a disable or a rival's use that was committed while we waited
        # for them is visible to these statements and not to any earlier one.
        states = await vouchers.read_codes(conn, places)
    else:
        states, read = await vouchers.read_with_campaigns(conn, places)
    campaigns = await _campaigns(conn, read, memory)
    named = await named_segments.load(conn, campaigns, memory)

    offers: dict[CodeKey, Offer] = {}
    used = {CounterKey(*key, CAMPAIGN, ""): state.used for key, state in read.items()}
    for key, (voucher, uses) in states.items():
        project_id, code = key
        campaign_key = places[key].campaign
        campaign = campaigns.get(campaign_key)
        if campaign is None:
            continue  # its snapshot has not arrived: such a code is not known yet
        # What goes by a clock or a segment that is not known cannot be judged: it is not accepted.
        can_be_judged = is_known(campaign.time_zone) or not campaign.terms.goes_by_the_clock
        if campaign.judge is not None:
            asked_about = named_segments.names(project_id, campaign)
            can_be_judged &= all(each in named for each in asked_about)
        active = read[campaign_key].active and can_be_judged
        offers[key] = Offer(project_id, code, voucher, campaign, active)
        used[CounterKey(project_id, campaign.id, CODE, code)] = uses
    revisions = {key: state.revision for key, state in read.items()}
    facts = Facts(offers, used, revisions)
    await _count(conn, requests, facts)
    facts.purchases = await _purchases(conn, requests, offers, memory, lock=lock, spends=spends)
    facts.segments = Segments(named, await named_segments.listed(conn, requests, offers, named))
    facts.stacking = await _stacking(conn, requests, spends=spends)
    return facts


async def what_is_left(conn: Connection, requests: Sequence[Asked], memory: Memory) -> Facts | None:
    """Return the facts as the batch before left them, if it was about the same codes."""
    facts = memory.take({key for request in requests for key in request.code_keys})
    if facts is not None:
        offers = facts.offers
        # Read after the revisions, and so of them: or the write finds others.
        await _count(conn, requests, facts)
        facts.purchases = await _purchases(conn, requests, offers, memory, lock=False, spends=True)
        named = facts.segments.named
        facts.segments = Segments(named, await named_segments.listed(conn, requests, offers, named))
        facts.stacking |= await _stacking(conn, requests, spends=True)
    return facts


async def _stacking(
    conn: Connection, requests: Sequence[Asked], *, spends: bool
) -> dict[str, StackingRules]:
    """Return how codes apply together, of the projects where it matters; validations tell it."""
    asked = {r.project_id for r in requests if len(r.code_keys) > 1 or not spends}
    return await projects.stacking(conn, asked) if asked else {}


async def locate(
    conn: Connection, codes: Collection[CodeKey], memory: Memory
) -> dict[CodeKey, Place]:
    """Return where each code stands that exists."""
    known = memory.places_of(codes)
    if len(known) < len(codes):
        found = await vouchers.locate(conn, [code for code in codes if code not in known])
        memory.remember_codes(found)
        known |= found
    return known


async def _campaigns(
    conn: Connection, locked: dict[CampaignKey, Lock], memory: Memory
) -> dict[CampaignKey, Campaign]:
    known: dict[CampaignKey, Campaign] = {}
    unknown: list[CampaignKey] = []
    for key, lock in locked.items():
        if lock.version is None:
            continue
        campaign = memory.campaign(key, lock.version)
        if campaign is None:
            unknown.append(key)
        else:
            known[key] = campaign
    if unknown:
        read = await definitions.read_campaigns(conn, unknown)
        memory.remember_campaigns(read)
        known |= read
    return known


async def _count(conn: Connection, requests: Sequence[Asked], facts: Facts) -> None:
    """Load what these requests claim beside the uses of campaigns and codes, if they do."""
    counting = {key: offer for key, offer in facts.offers.items() if facts.known(offer).counted}
    facts.counters = {}
    if not counting:
        return
    claimed: set[CounterKey] = set()
    for request in requests:
        for key, use in _uses(request):
            offer = counting.get(key)
            if offer is not None:
                counted = limits.counters_of(facts.known(offer).counted, offer, use)
                claimed.update([each for each in counted if each is not None])
                if use is request:
                    facts.counters[request.key, offer.code] = counted
    facts.used |= await counters.load(conn, claimed)


def _uses(request: Asked) -> Iterator[tuple[CodeKey, Use]]:
    """Return what is used, and by whom and when: what is given back was used in the past."""
    if isinstance(request, Rollback):
        return iter([(original.key, original) for original in request.originals])
    return iter([(key, request) for key in request.code_keys])


async def _purchases(
    conn: Connection,
    requests: Sequence[Asked],
    offers: Mapping[CodeKey, Offer],
    memory: Memory,
    *,
    lock: bool,
    spends: bool,
) -> Purchases:
    """Load the customers who may be new or whom terms ask about, and the orders that are named.

    Where these are taken to be new ones, only those are read that somebody's past or a budget
    hangs on: the others' writing would fail.
    """
    spending = [request for request in requests if not isinstance(request, Rollback)]
    asking = {key for key, o in offers.items() if _goes_by_customers(o.campaign.terms)}
    asked = [request for request in spending if asking and _matters(request, asking, offers)]
    of_customers = {(r.project_id, r.customer_id) for r in asked if r.customer_id is not None}
    if spends:
        who = {(r.project_id, r.customer_id) for r in spending if r.customer_id is not None}
        of_customers |= set(memory.unknown_customers(who))
        of_customers |= _told_of(spending, at_once=memory.expects_late_words)
    naming = spending
    if not (spends and memory.expects_known_orders):
        # What a budget of orders is too short for is refused: nothing is written, so nothing fails.
        naming = [*asked, *(each for each in spending if _counts_orders(each, offers))]
    of_orders = {
        (r.project_id, r.order.id) for r in naming if r.order is not None and r.order.id is not None
    }
    if len(spending) < len(requests):
        of_orders |= {
            (original.project_id, original.order_id)
            for request in requests
            if isinstance(request, Rollback)
            for original in request.originals
            if original.order_id is not None
        }
    purchases = Purchases()
    if of_customers:
        of = customers.lock if lock else customers.read
        purchases.customers = await of(conn, of_customers)
    if of_orders:
        purchases.orders = await (orders.lock if lock else orders.read)(conn, of_orders)
        if asked_of := purchases.ends_to_find(spending):
            found = await orders.ends_but_for(conn, asked_of)
            for (project_id, customer_id, order_id), ends in found.items():
                purchases.others.setdefault((project_id, customer_id), {})[order_id] = ends
    return purchases


def _told_of(requests: Iterable[Request], *, at_once: bool) -> set[CustomerKey]:
    """Name customers whose metadata are joined with what is read: all, or those told of twice."""
    told = Counter(
        (request.project_id, request.customer_id)
        for request in requests
        if request.customer_id is not None and request.customer and request.customer.metadata
    )
    return {key for key, times in told.items() if at_once or times > 1}


def _goes_by_customers(terms: Terms) -> bool:
    return terms.asks_about_the_past or bool(terms.customer_properties)


def _matters(
    request: Request, asking: AbstractSet[CodeKey], offers: Mapping[CodeKey, Offer]
) -> bool:
    """Tell whether what is known of the customer matters beside what was sent of them."""
    if request.customer_id is None:
        return False
    sent = request.customer.metadata.keys() if request.customer is not None else set()
    return any(
        (terms := offers[key].campaign.terms).asks_about_the_past
        or not terms.customer_properties <= sent
        for key in request.code_keys
        if key in asking
    )


def _counts_orders(request: Request, offers: Mapping[CodeKey, Offer]) -> bool:
    """Tell whether a budget is of what orders come to."""
    return any(
        limit.what == "order"
        for key in request.code_keys
        if (offer := offers.get(key))
        for limit in offer.campaign.terms.limits.others
    )
