"""Settles which codes of a request apply together: all or none, or those that may.

As the project says. Who would exclude the others and does not apply, and whose budget is short of
its share of the order, is left out, and the others are judged anew.
"""

from collections.abc import Mapping, Sequence

from contracts.stacking import ALL_TOGETHER, StackingRules
from redemption.claims import limits
from redemption.decide.facts import Facts
from redemption.decide.judging import judge, skipped
from redemption.decide.stacking import Stack, in_order
from redemption.discounts.shares import divide
from redemption.model import CodeKey, CounterKey, Refusal, Request
from redemption.outcomes import Applied, Decision, Inapplicable, Outcome, Skipped


def settled(request: Request, facts: Facts) -> tuple[Decision, Mapping[CounterKey, int]]:
    """Return what is to become of a request, and what it takes of counters."""
    keys: Sequence[CodeKey] = request.code_keys
    rules = facts.stacking.get(request.project_id, ALL_TOGETHER)
    if len(keys) > 1:
        keys = in_order(keys, facts.offers, rules)
    all_or_none = rules.mode == "ALL"
    given_up: dict[CodeKey, Refusal] = {}  # what is refused whatever the others do
    excludes = True
    while True:
        stack = _stack_of(keys, facts, rules, excludes=excludes)
        outcomes, taken = judge(request, keys, stack, facts, given_up, all_or_none=all_or_none)
        if stack is not None and stack.excludes_for_nothing and not all_or_none:
            # Whoever would exclude the others had its turn, and is not tried again beside them.
            excludes = False
            given_up |= _exclusive(outcomes, stack)
            continue
        refused = _refused(outcomes, all_or_none=all_or_none)
        short = None if refused else _share(request, outcomes, facts, taken)
        if short is None:
            break
        if all_or_none:
            refused = short
            place = [outcome.id for outcome in outcomes].index(short.id)
            outcomes[place:] = [short, *skipped(keys[place + 1 :], facts)]
            break
        given_up[request.project_id, short.code] = short.refusal
    return Decision(request, tuple(outcomes), refused, rules=rules), taken


def _stack_of(
    keys: Sequence[CodeKey], facts: Facts, rules: StackingRules, *, excludes: bool
) -> Stack | None:
    """Return what counts the codes that apply together, where there are several."""
    if len(keys) == 1:
        return None
    offers = [offer for key in keys if (offer := facts.offers.get(key))]
    return Stack(rules, offers if excludes else ())


def _exclusive(outcomes: Sequence[Outcome], stack: Stack) -> dict[CodeKey, Refusal]:
    """Return why those codes do not apply that would leave others out."""
    return {
        (offer.project_id, offer.code): outcome.refusal
        for outcome in outcomes
        if not isinstance(outcome, Applied)
        and (offer := outcome.offer) is not None
        and stack.is_exclusive(offer)
    }


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


def _share(
    request: Request, outcomes: list[Outcome], facts: Facts, taken: dict[CounterKey, int]
) -> Inapplicable | None:
    """Divide what the order has grown by among its codes, and take it of their budgets.

    Of all together, because the share of each goes by what all of them take off. Return the first
    whose budget is short.
    """
    applied = [(place, o) for place, o in enumerate(outcomes) if isinstance(o, Applied)]
    growth = applied[0][1].order_minor
    shares = [growth]
    if applied[1:]:
        shares = divide(growth, [each.discount_minor for _, each in applied])
    for (place, each), share in zip(applied, shares, strict=True):
        claims = facts.claims_of_share(each.offer, request, share)
        refusal = None
        if claims:
            refusal = limits.check(claims, facts.used, taken, each.offer, request.at)
        if refusal is not None:
            return Inapplicable(each.id, each.offer.code, each.offer, refusal)
        limits.take(claims, taken)
        if claims or share != each.order_minor:
            outcomes[place] = each._replace(order_minor=share, claims=each.claims + claims)
    return None
