"""Judges one request over facts that were loaded behind the locks. Pure: no I/O, no clock.

Its codes apply one after another, each to what the ones before it left of the order; all of them or
none, or those that may, as the project says. What a request takes stays aside until all its codes
were judged, so that one that is refused half-way leaves no trace for the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from contracts.ids import uuid7
from contracts.redemptions import Reason
from contracts.stacking import ALL_TOGETHER, StackingRules
from redemption import limits
from redemption.checks import Checks, checks_of, first_refusal, rules_violated
from redemption.checks.order import currency_differs
from redemption.discounts import discounted, has_effect
from redemption.discounts.left import Left, after, all_of
from redemption.discounts.shares import divide
from redemption.limits import Counted, Counters, Taken
from redemption.model import CampaignKey, Case, Claim, CodeKey, CounterKey, Offer, Refusal, Request
from redemption.outcomes import Applied, Decision, Inapplicable, Outcome, Skipped
from redemption.purchases import Purchases
from redemption.returns import GivenBack
from redemption.segments import Segments
from redemption.stacking import NO_EFFECT, SKIPPING, STACK_REFUSED, Stack, in_order

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


def decide(request: Request, facts: Facts) -> Decision:
    """Judge a request and, where its codes are redeemed, take what they claim."""
    decision, taken = _settled(request, facts)
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
    decision, _ = _settled(request, facts)
    return decision


def _settled(request: Request, facts: Facts) -> tuple[Decision, Mapping[CounterKey, int]]:
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
        outcomes, taken = _judge(request, keys, stack, facts, given_up, all_or_none=all_or_none)
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
            outcomes[place:] = [short, *_skipped(keys[place + 1 :], facts)]
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


def _judge(
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
            outcomes += _skipped(keys[len(outcomes) :], facts)
            break
    return outcomes, taken


def _skipped(keys: Sequence[CodeKey], facts: Facts) -> list[Skipped]:
    """Return codes that are not judged, because one before them was refused."""
    return [Skipped(uuid7(), key[1], facts.offers.get(key), STACK_REFUSED) for key in keys]


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


def _accept(outcomes: Sequence[Outcome], facts: Facts, taken: Mapping[CounterKey, int]) -> Applied:
    """Take what was claimed; return the first code that applies."""
    for counter, amount in taken.items():
        facts.used[counter] = facts.used.get(counter, 0) + amount
    applied = [o for o in outcomes if isinstance(o, Applied)]
    for each in applied:
        facts.sequences[each.offer.project_id, each.offer.code] = each.sequence
    return applied[0]
