"""What a stranger is told of a code: that it would pass, or what his request lacks for that. Pure.

A code that would be refused whatever else he sent is not his: of it he is told what is told of one
that nobody issued. Else he would only have to leave the order or the customer out to be asked for
them, and would know that there is such a code.
"""

from collections.abc import Set as AbstractSet
from typing import Final

from contracts.redemptions import Reason
from redemption.checks import rules_violated
from redemption.claims import limits
from redemption.claims.limits import Taken
from redemption.decide import foretell
from redemption.decide.facts import Facts
from redemption.model import Case, Offer, Refusal, Request
from redemption.outcomes import Decision, Inapplicable

# What a request lacks for a code that would pass; it tells of nothing but the request itself.
TOLD: Final[AbstractSet[Reason]] = frozenset(
    {
        Reason.MISSING_CUSTOMER,
        Reason.MISSING_ORDER,
        Reason.MISSING_ORDER_ITEMS,
        Reason.INVALID_ORDER,
        Reason.ORDER_RULES_VIOLATED,
    }
)
UNKNOWN: Final = Refusal(Reason.NOT_FOUND)
SOMEBODY: Final = "somebody new"  # no customer is called so
LEAST: Final = Taken(discount_minor=1, order_minor=1)  # of a budget by any order


def foretell_to_stranger(request: Request, facts: Facts) -> Decision:
    """Judge a request with one code, for somebody of whom nothing is known."""
    decision = foretell(request, facts)
    refused = decision.refused
    if refused is None:
        return decision
    offer = refused.offer
    if refused.refusal.reason in TOLD and offer is not None and _is_theirs(request, offer, facts):
        return decision
    return _as_unknown(decision)


def _is_theirs(request: Request, offer: Offer, facts: Facts) -> bool:
    """Tell whether the code might pass with another order, for a customer who is new.

    Of what is not sent a rule knows nothing, so it is refused here only where no order helps. All
    rules are asked: one that waits for an order stands before one that none would meet.
    """
    bare = request._replace(customer_id=SOMEBODY, customer=None, order=None)
    known = facts.known(offer)
    counters = limits.counters_of(known.counted, offer, bare)
    claims = known.fixed + limits.claims_of(known.counted, counters, offer, LEAST)
    segments = facts.segments.of(bare, None, offer.campaign)
    refusals = (
        limits.check(claims, facts.used, {}, offer, bare.at),
        rules_violated(Case(bare, offer, None, None, segments), 0, passing_over=TOLD),
    )
    return all(each is None for each in refusals)


def _as_unknown(decision: Decision) -> Decision:
    """Return a refusal as if nobody had issued the code."""
    [outcome], [code] = decision.outcomes, decision.request.codes
    unknown = Inapplicable(outcome.id, code, None, UNKNOWN)
    return decision._replace(outcomes=(unknown,), refused=unknown)
