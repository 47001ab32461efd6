"""What decisions go by, and what is true of every use of a code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from contracts.stacking import StackingRules
from redemption.checks import Checks, checks_of
from redemption.claims import limits
from redemption.claims.limits import Counted, Counters, Taken
from redemption.customers.purchases import Purchases
from redemption.customers.segments import Segments
from redemption.model import CampaignKey, Claim, CodeKey, CounterKey, Offer, Request
from redemption.returns import GivenBack


@dataclass(slots=True)
class Facts:
    """What decisions go by: loaded, then moved on by each request that is accepted."""

    offers: Mapping[CodeKey, Offer]
    used: dict[CounterKey, int]
    revisions: Mapping[CampaignKey, int] = field(default_factory=dict)  # of which all this is true
    sequences: dict[CodeKey, int] = field(default_factory=dict)  # of codes, where moved on
    purchases: Purchases = field(default_factory=Purchases)
    given_back: dict[UUID, GivenBack] = field(default_factory=dict)  # of what is to be rolled back
    segments: Segments = field(default_factory=Segments)
    stacking: dict[str, StackingRules] = field(default_factory=dict)  # of several codes' projects
    # Of a request and one of its codes, what it counts for beside its campaign and code.
    counters: dict[tuple[bytes, str], Counters] = field(default_factory=dict)
    _known: dict[CodeKey, "Known"] = field(default_factory=dict)

    def claims(self, offer: Offer, request: Request, discount_minor: int) -> tuple[Claim, ...]:
        """Return what a use needs beside its share of the order."""
        known = self.known(offer)
        if not known.counted:
            return known.fixed
        counters = self._counters_of(known, offer, request)
        taken = Taken(discount_minor, 0)
        return known.fixed + limits.claims_of(known.counted, counters, offer, taken)

    def claims_of_share(
        self, offer: Offer, request: Request, order_minor: int
    ) -> tuple[Claim, ...]:
        """Return what a use needs of budgets of order amounts."""
        known = self.known(offer)
        if not known.shares:
            return ()
        counters = limits.counters_of(known.shares, offer, request)
        return limits.claims_of(known.shares, counters, offer, Taken(0, order_minor))

    def known(self, offer: Offer) -> "Known":
        """Return what is true of every use of a code, which is found out once."""
        key = (offer.project_id, offer.code)
        known = self._known.get(key)
        if known is None:
            counted = limits.counted(offer.campaign.terms, offer.campaign.time_zone)
            known = self._known[key] = Known(
                limits.claims_of_any(offer),
                counted,
                [each for each in counted if each.limit.what == "order"],
                checks_of(offer),
            )
        return known

    def _counters_of(self, known: "Known", offer: Offer, request: Request) -> Counters:
        counters = self.counters.get((request.key, offer.code))
        return counters or limits.counters_of(known.counted, offer, request)


class Known(NamedTuple):
    """Of a code in one batch: what any use claims, what else is counted, and what may object."""

    fixed: tuple[Claim, ...]
    counted: Sequence[Counted]
    shares: Sequence[Counted]  # those that count what orders come to
    checks: Checks
