"""What decisions go by beside codes and campaigns, as terms ask for it. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from contracts.terms import Terms
from redemption.claims import limits
from redemption.claims.limits import Counters
from redemption.customers.segments import Listed, Segments, names, zone_of
from redemption.loading.memory import Memory
from redemption.model import (
    Campaign,
    CampaignKey,
    Coded,
    CodeKey,
    CounterKey,
    CustomerKey,
    OrderKey,
    Place,
    Request,
    Use,
)
from redemption.returns import Asked, Rollback

NO_SEGMENTS: Final = Segments()


class Needs(NamedTuple):
    """What is to be read: counters, customers, orders, lists, and of which projects the rules.

    `counted` names the counters of a request and one of its codes.
    """

    counters: Collection[CounterKey]
    counted: dict[tuple[bytes, str], Counters]
    customers: Collection[CustomerKey]
    orders: Collection[OrderKey]
    members: Collection[Listed]
    stacking: Collection[str]


class Known(NamedTuple):
    """A code that exists, and its campaign."""

    project_id: str
    code: str
    campaign: Campaign


Codes: TypeAlias = Mapping[CodeKey, Coded]


def coded(places: Mapping[CodeKey, Place], campaigns: Mapping[CampaignKey, Campaign]) -> Codes:
    """Return the codes whose campaigns are known."""
    return {
        key: Known(*key, campaign)
        for key, place in places.items()
        if (campaign := campaigns.get(place.campaign)) is not None
    }


def needs_of(
    requests: Sequence[Asked],
    codes: Codes,
    memory: Memory,
    segments: Segments = NO_SEGMENTS,
    *,
    spends: bool,
) -> Needs:
    """Return what is to be read for these requests, which go by those segments.

    Unless they spend, nothing that only matters to what is written of them.
    """
    spending = [request for request in requests if not isinstance(request, Rollback)]
    asking = {
        key: terms for key, k in codes.items() if _goes_by_customers(terms := k.campaign.terms)
    }
    asked = [each for each in spending if asking and _matters(each, asking)]
    if segments.reported and (judged := segments.judging_everybody):
        asked += [request for request in spending if request.project_id in judged]
    counters, counted = _counters(requests, codes)
    customers = _customers(spending, asked, memory, spends=spends)
    orders = _orders(requests, spending, asked, codes, memory, spends=spends)
    if orders and spends:
        # Whoever changes both locks customers before orders: these are changed with theirs.
        customers |= _whose(spending)
    return Needs(
        counters=counters,
        counted=counted,
        customers=customers,
        orders=orders,
        members=_members(spending, codes, segments) if segments.named else (),
        # How codes apply together, of the projects where it matters; validations tell it.
        stacking={r.project_id for r in requests if len(r.code_keys) > 1 or not spends},
    )


def _counters(
    requests: Sequence[Asked], codes: Codes
) -> tuple[set[CounterKey], dict[tuple[bytes, str], Counters]]:
    """Return what these requests count for beside campaigns and codes: all, and each of them."""
    counting = {
        key: (known, counted)
        for key, known in codes.items()
        if (counted := limits.counted(known.campaign.terms, known.campaign.time_zone))
    }
    every: set[CounterKey] = set()
    of_requests: dict[tuple[bytes, str], Counters] = {}
    if not counting:
        return every, of_requests
    for request in requests:
        for key, use in _uses(request):
            if key in counting:
                known, counted = counting[key]
                counters = limits.counters_of(counted, known, use)
                every.update([each for each in counters if each is not None])
                if use is request:
                    of_requests[request.key, known.code] = counters
    return every, of_requests


def _uses(request: Asked) -> Iterator[tuple[CodeKey, Use]]:
    """Return what is used, and by whom and when: what is given back was used in the past."""
    if isinstance(request, Rollback):
        return iter([(original.key, original) for original in request.originals])
    return iter([(key, request) for key in request.code_keys])


def _goes_by_customers(terms: Terms) -> bool:
    return terms.asks_about_the_past or bool(terms.customer_properties)


def _matters(request: Request, asking: Mapping[CodeKey, Terms]) -> bool:
    """Tell whether what is known of the customer matters beside what was sent of them."""
    if request.customer_id is None:
        return False
    sent = request.customer.metadata.keys() if request.customer is not None else set()
    return any(
        (terms := asking[key]).asks_about_the_past or not terms.customer_properties <= sent
        for key in request.code_keys
        if key in asking
    )


def _counts_orders(request: Request, codes: Codes) -> bool:
    """Tell whether a budget is of what orders come to."""
    return any(
        limit.what == "order"
        for key in request.code_keys
        if (known := codes.get(key)) is not None
        for limit in known.campaign.terms.limits.others
    )


def _customers(
    spending: Sequence[Request], asked: Sequence[Request], memory: Memory, *, spends: bool
) -> set[CustomerKey]:
    """Return the customers who may be new, or whom terms ask about."""
    found = _whose(asked)
    if spends and memory.expects_deadlocks:
        found |= _whose(spending)
    elif spends:
        found |= set(memory.unknown_customers(_whose(spending)))
        found |= _told_of(spending, at_once=memory.expects_late_words)
    return found


def _whose(requests: Iterable[Request]) -> set[CustomerKey]:
    return {(r.project_id, r.customer_id) for r in requests if r.customer_id is not None}


def _told_of(spending: Iterable[Request], *, at_once: bool) -> set[CustomerKey]:
    """Name customers whose metadata are joined with what is read: all, or those told of twice."""
    told = Counter(
        (request.project_id, request.customer_id)
        for request in spending
        if request.customer_id is not None and request.customer and request.customer.metadata
    )
    return {key for key, times in told.items() if at_once or times > 1}


def _orders(
    requests: Sequence[Asked],
    spending: Sequence[Request],
    asked: Sequence[Request],
    codes: Codes,
    memory: Memory,
    *,
    spends: bool,
) -> Collection[OrderKey]:
    """Return the orders that are named.

    Where these are taken to be new ones, only those are read that somebody's past or a budget
    hangs on: the others' writing would fail.
    """
    naming = spending
    if not (spends and memory.expects_known_orders):
        # What a budget of orders is too short for is refused: nothing is written, so nothing fails.
        naming = [*asked, *(each for each in spending if _counts_orders(each, codes))]
    found = {
        (r.project_id, r.order.id) for r in naming if r.order is not None and r.order.id is not None
    }
    if len(spending) < len(requests):
        found |= {
            (original.project_id, original.order_id)
            for request in requests
            if isinstance(request, Rollback)
            for original in request.originals
            if original.order_id is not None
        }
    return found


def _members(spending: Sequence[Request], codes: Codes, segments: Segments) -> Collection[Listed]:
    """Return which customers may be on the lists that their codes' campaigns name, or reports."""
    asked = {
        (name[0], name[1], request.customer_id)
        for request in spending
        if request.customer_id is not None
        for key in request.code_keys
        if (known := codes.get(key)) is not None
        for name in names(known.project_id, known.campaign)
        if (segment := segments.named.get(name)) and segment.includes is None
    }
    if segments.reported:
        asked |= {
            (request.project_id, each, request.customer_id)
            for request in spending
            if request.customer_id is not None
            for time_zone in zone_of(request, codes)
            for each in segments.reported.get((request.project_id, time_zone), ())
            if segments.named[request.project_id, each, time_zone].includes is None
        }
    return asked
