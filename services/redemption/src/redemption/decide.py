"""Judges one request over facts that were loaded behind the locks. Pure: no I/O, no clock.

Its codes apply one after another, each to what the ones before it left of the order; all of them or
none, or those that may, as the project says. What a request takes stays aside until all its codes
were judged, so that one that is refused half-way leaves no trace for the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.ids import uuid7
from contracts.redemptions import Reason
from contracts.stacking import ALL_TOGETHER, StackingRules
from redemption import limits
from redemption.checks import AFTER_LIMITS, BEFORE_LIMITS, first_refusal
from redemption.checks.order import currency_differs
from redemption.discounts import discounted, has_effect
from redemption.discounts.left import Left, after, all_of
from redemption.discounts.shares import divide
from redemption.limits import Counted, Taken
from redemption.model import (
    Applied,
    CampaignKey,
    Case,
    Claim,
    CodeKey,
    CounterKey,
    Decision,
    Inapplicable,
    Offer,
    Outcome,
    Refusal,
    Request,
    Skipped,
)
from redemption.purchases import Purchases
from redemption.stacking import NO_EFFECT, STACK_REFUSED, Stack, in_order

# One refusal for a code that never was, that is mistyped, or that is another project's.
UNKNOWN_CODE = Refusal(Reason.NOT_FOUND)


@dataclass(slots=True)
class Facts:
    """What decisions go by: loaded, then moved on by each request that is accepted."""

    offers: Mapping[CodeKey, Offer]
    used: dict[CounterKey, int]
    revisions: Mapping[CampaignKey, int] = field(default_factory=dict)  # of which all this is true
    sequences: dict[CodeKey, int] = field(default_factory=dict)  # of codes, where moved on
    purchases: Purchases = field(default_factory=Purchases)
    stacking: dict[str, StackingRules] = field(default_factory=dict)  # of several codes' projects
    _claims: dict[CodeKey, tuple[tuple[Claim, ...], Sequence[Counted]]] = field(
        default_factory=dict
    )

    def claims(self, offer: Offer, request: Request, discount_minor: int) -> tuple[Claim, ...]:
        """Return what a use needs; what any use of the code needs is made once."""
        key = (offer.project_id, offer.code)
        known = self._claims.get(key)
        if known is None:
            counted = limits.counted(offer.campaign.terms, offer.campaign.time_zone)
            known = self._claims[key] = limits.claims_of_any(offer), counted
        fixed, counted = known
        if not counted:
            return fixed
        return fixed + limits.claims_of(counted, offer, request, Taken(discount_minor))


def decide(request: Request, facts: Facts) -> Decision:
    """Judge a request and, where its codes are redeemed, take what they claim."""
    keys: Sequence[CodeKey] = request.code_keys
    rules = facts.stacking.get(request.project_id, ALL_TOGETHER)
    stack = None
    if len(keys) > 1:
        keys = in_order(keys, facts.offers, rules)
        stack = Stack(rules, [offer for key in keys if (offer := facts.offers.get(key))])
    all_or_none = rules.mode == "ALL"
    outcomes, taken = _judge(request, keys, stack, facts, all_or_none=all_or_none)
    if stack is not None and stack.excludes_for_nothing and not all_or_none:
        anew = stack.exclude_nobody()
        outcomes, taken = _judge(request, keys, anew, facts, all_or_none=all_or_none)
    refused = _refused(outcomes, all_or_none=all_or_none)
    if refused is not None:
        return Decision(request, tuple(outcomes), refused, rules=rules)
    decided = _accept(outcomes, facts, taken)
    first = next(outcome.id for outcome in decided if isinstance(outcome, Applied))
    is_new = facts.purchases.accept(request, first)
    return Decision(request, decided, None, is_new, rules)


def _judge(
    request: Request,
    keys: Sequence[CodeKey],
    stack: Stack | None,
    facts: Facts,
    *,
    all_or_none: bool,
) -> tuple[list[Outcome], dict[CounterKey, int]]:
    """Apply codes one after another; return what becomes of each, and what all of them take."""
    taken: dict[CounterKey, int] = {}
    left = all_of(request.order)
    growth = facts.purchases.growth_of(request)  # what was counted of the order once is not again
    customer = facts.purchases.customer_of(request)
    outcomes: list[Outcome] = []
    for key in keys:
        code, offer = key[1], facts.offers.get(key)
        if offer is None:
            outcomes.append(Inapplicable(uuid7(), code, None, UNKNOWN_CODE))
        elif stack is not None and (why := stack.why_not(offer)) is not None:
            outcomes.append(Skipped(uuid7(), code, offer, why))
        else:
            case = Case(request, offer, left and left.order_minor, customer)
            outcome = _apply(case, left, growth, facts, taken, stack=stack)
            if not isinstance(outcome, Refusal):
                left = after(left, outcome.discount_minor, outcome.lines)
                outcomes.append(outcome)
                continue
            kind = Skipped if outcome is NO_EFFECT else Inapplicable
            outcomes.append(kind(uuid7(), code, offer, outcome))
        if all_or_none:
            rest = keys[len(outcomes) :]
            outcomes += [Skipped(uuid7(), k[1], facts.offers.get(k), STACK_REFUSED) for k in rest]
            break
    return outcomes, taken


def _refused(outcomes: list[Outcome], *, all_or_none: bool) -> Inapplicable | None:
    """Return the code for which the whole request is refused, or None where it is not."""
    applied = [isinstance(outcome, Applied) for outcome in outcomes]
    if all(applied) or (any(applied) and not all_or_none):
        return None
    place = applied.index(False)
    why = outcomes[place]
    if isinstance(why, Skipped):  # whole requests are refused, not skipped
        why = outcomes[place] = Inapplicable(why.id, why.code, why.offer, why.refusal)
    return why if isinstance(why, Inapplicable) else None


def _apply(
    case: Case,
    left: Left | None,
    order_minor: int,
    facts: Facts,
    taken: dict[CounterKey, int],
    *,
    stack: Stack | None,
) -> Applied | Refusal:
    offer = case.offer
    # What is in another currency is refused for that, and takes nothing of a budget.
    left = None if currency_differs(case) else left
    discount_minor, lines = discounted(offer.campaign.terms, case.request.order, left)
    claims = facts.claims(offer, case.request, discount_minor)
    refusal = (
        first_refusal(BEFORE_LIMITS, case)
        or limits.check(claims, facts.used, taken)
        or first_refusal(AFTER_LIMITS, case)
    )
    if refusal is not None:
        return refusal
    if stack is not None:
        if stack.skips_without_effect and not has_effect(discount_minor, lines):
            return NO_EFFECT
        stack.apply(offer)
    limits.take(claims, taken)
    return Applied(
        id=uuid7(),
        offer=offer,
        claims=claims,
        discount_minor=discount_minor,
        order_minor=order_minor,
        uses=limits.uses_of_code(claims, facts.used, taken),
        sequence=facts.sequences.get((offer.project_id, offer.code), offer.voucher.sequence) + 1,
        lines=lines,
    )


def _accept(
    outcomes: Sequence[Outcome], facts: Facts, taken: Mapping[CounterKey, int]
) -> tuple[Outcome, ...]:
    """Take what was claimed, and divide the order among the codes that apply."""
    for counter, amount in taken.items():
        facts.used[counter] = facts.used.get(counter, 0) + amount
    applied = [o for o in outcomes if isinstance(o, Applied)]
    for each in applied:
        facts.sequences[each.offer.project_id, each.offer.code] = each.sequence
    if len(applied) == 1:
        return tuple(outcomes)
    shares = iter(divide(applied[0].order_minor, [each.discount_minor for each in applied]))
    return tuple(
        [o._replace(order_minor=next(shares)) if isinstance(o, Applied) else o for o in outcomes]
    )
