"""Loads what decisions go by, for a redemption behind the locks and for a validation without."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from redemption.claims.limits import CAMPAIGN, CODE
from redemption.customers.purchases import Purchases
from redemption.customers.segments import Segments, names
from redemption.decide.facts import Facts
from redemption.loading import named_segments, needed
from redemption.loading.memory import Memory
from redemption.loading.needed import Needed
from redemption.loading.needs import coded, needs_of
from redemption.model import Campaign, CampaignKey, CodeKey, CounterKey, Offer, Place, Voucher
from redemption.moments.periods import is_known
from redemption.returns import Asked, Rollback
from redemption.store import definitions, locks, orders, vouchers
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
    keys = {place.campaign for place in places.values()}
    if lock:
        states = await locks.lock_campaigns(conn, keys)
        # Only now, behind the locks: a disable or a rival's use that was committed while we waited
        # for them is visible to these statements and not to any earlier one.
        campaigns = await _campaigns(conn, states, memory)
        segments = await _segments(conn, campaigns, states, memory, spends=spends)
        needs = needs_of(requests, coded(places, campaigns), memory, segments, spends=spends)
        found = await needed.read(conn, places, needs, lock=True)
    else:
        seen = memory.campaigns_as_seen(keys)
        needs = needs_of(requests, coded(places, seen), memory, spends=spends)
        found = await needed.read(conn, places, needs, lock=False)
        states = found.campaigns
        campaigns = await _campaigns(conn, states, memory)
        segments = await _segments(conn, campaigns, states, memory, spends=spends)
        if campaigns != seen or segments.named:
            # Other terms are in force, or segments: what that asks for is read after the revisions.
            needs = needs_of(requests, coded(places, campaigns), memory, segments, spends=spends)
            later = await needed.read(conn, {}, needs, lock=False)
            found = later._replace(codes=found.codes)
    offers = _offers(places, campaigns, states, found, segments)
    used = {CounterKey(*key, CAMPAIGN, ""): state.used for key, state in states.items()}
    for (project_id, code), offer in offers.items():
        uses = found.codes[project_id, code].uses
        used[CounterKey(project_id, offer.campaign.id, CODE, code)] = uses
    return Facts(
        offers,
        used | found.used,
        {key: state.revision for key, state in states.items()},
        purchases=await _purchases(conn, requests, found),
        segments=segments._replace(listed=found.members),
        stacking=found.stacking,
        counters=needs.counted,
    )


async def what_is_left(conn: Connection, requests: Sequence[Asked], memory: Memory) -> Facts | None:
    """Return the facts as the batch before left them, if it was about the same codes."""
    facts = memory.take({key for request in requests for key in request.code_keys})
    if facts is not None:
        # Read after the revisions, and so of them: or the write finds others.
        needs = needs_of(requests, facts.offers, memory, facts.segments, spends=True)
        found = await needed.read(conn, {}, needs, lock=False)
        facts.used |= found.used
        facts.counters = needs.counted
        facts.purchases = await _purchases(conn, requests, found)
        facts.segments = facts.segments._replace(listed=found.members)
        facts.stacking |= found.stacking
    return facts


async def _segments(
    conn: Connection,
    campaigns: Mapping[CampaignKey, Campaign],
    states: Mapping[CampaignKey, Lock],
    memory: Memory,
    *,
    spends: bool,
) -> Segments:
    """Load the segments that these campaigns name, or that outcomes of their projects tell."""
    reporting = {
        (key[0], campaigns[key].time_zone)
        for key, state in states.items()
        if state.reports and spends and key in campaigns
    }
    return await named_segments.load(conn, campaigns, memory, reporting)


def _offers(
    places: Mapping[CodeKey, Place],
    campaigns: Mapping[CampaignKey, Campaign],
    states: Mapping[CampaignKey, Lock],
    found: Needed,
    segments: Segments,
) -> dict[CodeKey, Offer]:
    offers: dict[CodeKey, Offer] = {}
    for key, (voucher, _) in found.codes.items():
        project_id, code = key
        campaign_key = places[key].campaign
        campaign = campaigns.get(campaign_key)
        if campaign is None:
            continue  # its snapshot has not arrived: such a code is not known yet
        # What goes by a clock or a segment that is not known cannot be judged: it is not accepted.
        can_be_judged = is_known(campaign.time_zone) or not campaign.terms.goes_by_the_clock
        if campaign.judge is not None:
            can_be_judged &= all(each in segments.named for each in names(project_id, campaign))
        active = states[campaign_key].active and can_be_judged
        offers[key] = Offer(project_id, code, _within(campaign, voucher), campaign, active)
    return offers


def _within(campaign: Campaign, voucher: Voucher) -> Voucher:
    """Return a code as it is beside this version of its campaign."""
    since = voucher.active_from_version
    if since is None or campaign.version >= since:
        return voucher
    return voucher._replace(active=False)


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
    conn: Connection, locked: Mapping[CampaignKey, Lock], memory: Memory
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


async def _purchases(conn: Connection, requests: Iterable[Asked], found: Needed) -> Purchases:
    purchases = Purchases(found.orders, found.customers)
    spending = [request for request in requests if not isinstance(request, Rollback)]
    if found.orders and (asked_of := purchases.ends_to_find(spending)):
        ends = await orders.ends_but_for(conn, asked_of)
        for (project_id, customer_id, order_id), each in ends.items():
            purchases.others.setdefault((project_id, customer_id), {})[order_id] = each
    return purchases
