"""Judges one request over facts that were loaded behind the locks. Pure: no I/O, no clock.

Its codes apply in the order in which they stand, each to what the ones before it left of the order;
all of them, or none. What a request takes stays aside until all its codes have passed, so that one
that is refused half-way leaves no trace for the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from contracts.ids import uuid7
from contracts.redemptions import Reason
from redemption import limits
from redemption.checks import AFTER_LIMITS, BEFORE_LIMITS, first_refusal, rules_violated
from redemption.checks.order import currency_differs
from redemption.discounts import discounted
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
from redemption.returns import GivenBack
from redemption.segments import Segments

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
    given_back: dict[UUID, GivenBack] = field(default_factory=dict)  # of what is to be rolled back
    segments: Segments = field(default_factory=Segments)
    _claims: dict[CodeKey, tuple[tuple[Claim, ...], Sequence[Counted], bool]] = field(
        default_factory=dict
    )

    def claims(self, offer: Offer, request: Request, discount_minor: int) -> tuple[Claim, ...]:
        """Return what a use needs beside its share of the order."""
        fixed, counted, _ = self._known(offer)
        if not counted:
            return fixed
        return fixed + limits.claims_of(counted, offer, request, Taken(discount_minor, 0))

    def claims_of_share(
        self, offer: Offer, request: Request, order_minor: int
    ) -> tuple[Claim, ...]:
        """Return what a use needs of budgets of order amounts."""
        _, counted, shares = self._known(offer)
        if not shares:
            return ()
        ordered = [each for each in counted if each.limit.what == "order"]
        return limits.claims_of(ordered, offer, request, Taken(0, order_minor))

    def _known(self, offer: Offer) -> tuple[tuple[Claim, ...], Sequence[Counted], bool]:
        """Return what any use of the code needs, which is made once, and what else is counted."""
        key = (offer.project_id, offer.code)
        known = self._claims.get(key)
        if known is None:
            counted = limits.counted(offer.campaign.terms, offer.campaign.time_zone)
            shares = any(each.limit.what == "order" for each in counted)
            known = self._claims[key] = limits.claims_of_any(offer), counted, shares
        return known


def decide(request: Request, facts: Facts) -> Decision:
    """Judge a request and, if all its codes pass, take what they claim."""
    taken: dict[CounterKey, int] = {}
    left = all_of(request.order)
    growth = facts.purchases.growth_of(request)  # what was counted of the order once is not again
    customer = facts.purchases.customer_of(request)
    outcomes: list[Outcome] = []
    refused: Inapplicable | None = None
    for key in request.code_keys:
        code, offer = key[1], facts.offers.get(key)
        if refused is not None:
            outcomes.append(Skipped(uuid7(), code, offer))
            continue
        if offer:
            segments = facts.segments.of(request, customer, offer.campaign)
            case = Case(request, offer, left and left.order_minor, customer, segments)
            outcome = _apply(case, left, growth, facts, taken)
        else:
            outcome = UNKNOWN_CODE
        if isinstance(outcome, Refusal):
            refused = Inapplicable(uuid7(), code, offer, outcome)
            outcomes.append(refused)
            continue
        outcomes.append(outcome)
        if len(outcomes) < len(request.code_keys):
            left = after(left, outcome.discount_minor, outcome.lines)
    if refused is None:
        refused = _share(request, outcomes, growth, facts, taken)
    if refused is not None:
        return Decision(request, tuple(outcomes), refused)
    applied = _accept(outcomes, facts, taken)
    is_new = facts.purchases.accept(request, applied[0].id)
    return Decision(request, applied, None, is_new)


def _apply(
    case: Case, left: Left | None, order_minor: int, facts: Facts, taken: dict[CounterKey, int]
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
        or rules_violated(case, discount_minor)
    )
    if refusal is not None:
        return refusal
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


def _share(
    request: Request,
    outcomes: list[Outcome],
    growth: int,
    facts: Facts,
    taken: dict[CounterKey, int],
) -> Inapplicable | None:
    """Divide what the order has grown by among its codes, and take it of their budgets.

    Of all together, because the share of each goes by what all of them take off. Return the one
    whose budget is short; what stands behind it is skipped.
    """
    applied = [o for o in outcomes if isinstance(o, Applied)]
    shares = divide(growth, [each.discount_minor for each in applied]) if applied[1:] else [growth]
    for place, (each, share) in enumerate(zip(applied, shares, strict=True)):
        claims = facts.claims_of_share(each.offer, request, share)
        refusal = limits.check(claims, facts.used, taken) if claims else None
        if refusal is not None:
            refused = Inapplicable(each.id, each.offer.code, each.offer, refusal)
            behind = [Skipped(o.id, o.offer.code, o.offer) for o in applied[place + 1 :]]
            outcomes[place:] = [refused, *behind]
            return refused
        limits.take(claims, taken)
        if claims or share != each.order_minor:
            outcomes[place] = each._replace(order_minor=share, claims=each.claims + claims)
    return None


def _accept(
    outcomes: list[Outcome], facts: Facts, taken: dict[CounterKey, int]
) -> tuple[Applied, ...]:
    for counter, amount in taken.items():
        facts.used[counter] = facts.used.get(counter, 0) + amount
    applied = tuple([o for o in outcomes if isinstance(o, Applied)])
    for each in applied:
        facts.sequences[each.offer.project_id, each.offer.code] = each.sequence
    return applied
