"""Whether a customer is in a segment, judged by what is known at that moment. Pure.

A list is asked of the store; a filter is compiled once for each version, and asked of the facts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from contracts.segments import METADATA, Criterion, Filter
from redemption.model import Campaign, Coded, CodeKey, CustomerFacts, Offer, Request
from redemption.moments.periods import clock
from redemption.rules.conditions import Holds, compiled

Includes: TypeAlias = Callable[[CustomerFacts, datetime], bool]
Zoned: TypeAlias = tuple[str, str, str]  # project, segment, time zone
Listed: TypeAlias = tuple[str, str, str]  # project, segment, customer
Reporting: TypeAlias = tuple[str, str]  # a project, in a time zone


def names(project_id: str, campaign: Campaign) -> list[Zoned]:
    """Name the segments that a campaign's rules ask about."""
    if campaign.judge is None:
        return []
    return [(project_id, each, campaign.time_zone) for each in campaign.terms.segment_ids]


_FACTS: Final[Mapping[str, Callable[[CustomerFacts], object]]] = {
    "created_at": attrgetter("created_at"),
    "is_new": attrgetter("is_new"),
    "summary.orders.total_count": attrgetter("paid_orders"),
    "summary.orders.total_amount": attrgetter("spent_minor"),
    "summary.orders.first_order_date": attrgetter("first_paid_at"),
    "summary.orders.last_order_date": attrgetter("last_paid_at"),
}


class Segment(NamedTuple):
    """A segment in one version, and in one time zone; without `includes` it is a list."""

    version: int
    includes: Includes | None


class Segments(NamedTuple):
    """Those that a batch's campaigns name, and who of its customers is on their lists.

    `reported` are those that its projects' outcomes tell, by the same names.
    """

    named: Mapping[Zoned, Segment] = MappingProxyType({})
    listed: Collection[Listed] = frozenset()
    reported: Mapping[Reporting, Sequence[str]] = MappingProxyType({})

    def of(
        self, request: Request, customer: CustomerFacts | None, campaign: Campaign
    ) -> frozenset[str]:
        """Return which of those that a campaign names the customer is in; nobody is in none."""
        if not self.named or request.customer_id is None or campaign.judge is None:
            return frozenset()
        facts = _with_what_is_sent(request, customer)
        zone = campaign.time_zone
        asked = campaign.terms.segment_ids
        return frozenset([each for each in asked if self._has(request, facts, each, zone)])

    def reported_of(
        self, request: Request, customer: CustomerFacts | None, offers: Mapping[CodeKey, Offer]
    ) -> tuple[str, ...]:
        """Return which of the reported ones the customer is in; of unknown codes alone in none."""
        if request.customer_id is None:
            return ()
        facts = _with_what_is_sent(request, customer)
        return tuple(
            [
                each
                for zone in zone_of(request, offers)
                for each in self.reported.get((request.project_id, zone), ())
                if self._has(request, facts, each, zone)
            ]
        )

    @property
    def judging_everybody(self) -> Collection[str]:
        """Name the projects of which every customer's past is judged for reports."""
        return {
            project_id
            for (project_id, time_zone), segments in self.reported.items()
            for each in segments
            if self.named[project_id, each, time_zone].includes is not None
        }

    def _has(
        self, request: Request, customer: CustomerFacts | None, segment: str, time_zone: str
    ) -> bool:
        named = self.named.get((request.project_id, segment, time_zone))
        if named is None:
            return False
        if named.includes is None:
            return (request.project_id, segment, request.customer_id) in self.listed
        return customer is not None and named.includes(customer, request.at)


def zone_of(request: Request, codes: Mapping[CodeKey, Coded]) -> tuple[str, ...]:
    """Return the time zone of a request's project; none where all its codes are unknown."""
    known = (each.campaign.time_zone for key in request.code_keys if (each := codes.get(key)))
    return tuple(islice(known, 1))


def _with_what_is_sent(request: Request, customer: CustomerFacts | None) -> CustomerFacts | None:
    """Return the facts with the metadata that the request has brought along."""
    sent = request.customer
    if customer is None or sent is None or not sent.metadata:
        return customer
    return customer._replace(metadata={**customer.metadata, **sent.metadata})


def compile_filter(of: Filter, time_zone: str) -> Includes:
    """Return what tells whether a customer is in it; days are those of the project's zone."""
    zone = clock(time_zone)
    tests = [
        (_fact(each), compiled(each.conditions, zone), each.attribute == "created_at")
        for each in of.criteria
    ]
    enough = any if of.junction == "or" else all

    def includes(facts: CustomerFacts, at: datetime) -> bool:
        return enough([_meets(fact(facts), holds, at, new) for fact, holds, new in tests])

    return includes


def _meets(value: object, holds: Holds, at: datetime, is_now_unless_known: bool) -> bool:
    # Who was never seen before is created by what is judged here.
    return holds(at if value is None and is_now_unless_known else value, at)


def _fact(criterion: Criterion) -> Callable[[CustomerFacts], object]:
    attribute = criterion.attribute
    if attribute.startswith(METADATA):
        name = attribute.removeprefix(METADATA)
        return lambda facts: facts.metadata.get(name)
    return _FACTS[attribute]
