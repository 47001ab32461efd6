"""Judges one request over facts that were loaded behind the locks. Pure: no I/O, no clock.

What a request takes stays aside until all its codes were judged, so that one that is refused
half-way leaves no trace for the next.
"""

from collections.abc import Mapping, Sequence

from redemption.decide.facts import Facts
from redemption.decide.settling import settled
from redemption.model import CounterKey, Request
from redemption.outcomes import Applied, Decision, Outcome


def decide(request: Request, facts: Facts) -> Decision:
    """Judge a request and, where its codes are redeemed, take what they claim."""
    decision, taken = settled(request, facts)
    if facts.segments.reported:
        customer = facts.purchases.customer_of(request)
        reported = facts.segments.reported_of(request, customer, facts.offers)
        decision = decision._replace(segment_ids=reported)
    if decision.refused is not None:
        return decision
    first = _accept(decision.outcomes, facts, taken)
    return decision._replace(customer_is_new=facts.purchases.accept(request, first.id))


def foretell(request: Request, facts: Facts) -> Decision:
    """Judge a request, and take nothing: the next one is judged by the same facts."""
    decision, _ = settled(request, facts)
    return decision


def _accept(outcomes: Sequence[Outcome], facts: Facts, taken: Mapping[CounterKey, int]) -> Applied:
    """Take what was claimed; return the first code that applies."""
    for counter, amount in taken.items():
        facts.used[counter] = facts.used.get(counter, 0) + amount
    applied = [o for o in outcomes if isinstance(o, Applied)]
    for each in applied:
        facts.sequences[each.offer.project_id, each.offer.code] = each.sequence
    return applied[0]
