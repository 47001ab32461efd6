"""Applies codes one after another, each to what the ones before it left of the order."""

from collections.abc import Mapping, Sequence

from contracts.ids import uuid7
from contracts.redemptions import Reason
from redemption.checks import first_refusal, rules_violated
from redemption.checks.order import currency_differs
from redemption.claims import limits
from redemption.decide.facts import Facts
from redemption.decide.stacking import NO_EFFECT, SKIPPING, STACK_REFUSED, Stack
from redemption.discounts import discounted, has_effect
from redemption.discounts.left import Left, after, all_of
from redemption.model import Case, CodeKey, CounterKey, Refusal, Request
from redemption.outcomes import Applied, Inapplicable, Outcome, Skipped

# One refusal for a code that never was, that is mistyped, or that is another project's.
UNKNOWN_CODE = Refusal(Reason.NOT_FOUND)


def judge(
    request: Request,
    keys: Sequence[CodeKey],
    stack: Stack | None,
    facts: Facts,
    given_up: Mapping[CodeKey, Refusal],
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
            outcome: Applied | Refusal | None = given_up.get(key)
            if outcome is None:
                segments = facts.segments.of(request, customer, offer.campaign)
                case = Case(request, offer, left and left.order_minor, customer, segments)
                outcome = _apply(case, left, growth, facts, taken, stack=stack)
            if not isinstance(outcome, Refusal):
                outcomes.append(outcome)
                if len(outcomes) < len(keys):
                    left = after(left, outcome.discount_minor, outcome.lines)
                continue
            kind = Skipped if outcome.reason in SKIPPING else Inapplicable
            outcomes.append(kind(uuid7(), code, offer, outcome))
        if all_or_none:
            outcomes += skipped(keys[len(outcomes) :], facts)
            break
    return outcomes, taken


def skipped(keys: Sequence[CodeKey], facts: Facts) -> list[Skipped]:
    """Return codes that are not judged, because one before them was refused."""
    return [Skipped(uuid7(), key[1], facts.offers.get(key), STACK_REFUSED) for key in keys]


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
    checks = facts.known(offer).checks
    refusal = (
        first_refusal(checks.before_limits, case)
        or limits.check(claims, facts.used, taken, offer, case.request.at)
        or first_refusal(checks.after_limits, case)
        or rules_violated(case, discount_minor)
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
