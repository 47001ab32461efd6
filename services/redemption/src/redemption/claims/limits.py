"""Every limit, as claims: what a use needs, and of what there is how much. Pure; the only place.

From a claim follows what is loaded, tested, taken, recorded and given back. Every use claims one of
its code and one of its campaign; what else terms limit is `counted`, each kind by a counter of its
own. A new kind of limit is a value of `contracts.terms.Limit` and a line in `counter_of`, or in
`amount_of`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from contracts.redemptions import Reason
from contracts.terms import Limit, Limits, Terms
from redemption.claims import shortfalls
from redemption.model import Claim, Coded, CounterKey, Offer, Refusal, Use
from redemption.moments.periods import period_of

CAMPAIGN = "campaign"
CODE = "code"
CUSTOMER = "customer"

Uses = Mapping[CounterKey, int]  # what is not there is 0
Counters: TypeAlias = tuple[CounterKey | None, ...]  # None is nobody's

OF_CUSTOMERS: Final = frozenset({"customer", "customer_and_code"})
NAMES: Final[Mapping[str, str]] = {
    "campaign": "this campaign",
    "code": "this code",
    "customer": "this customer",
    "customer_and_code": "this customer with this code",
}
WHAT: Final[Mapping[str, int]] = {"redemptions": 0, "discount": 1, "order": 2}
REASONS: Final[Mapping[str, Reason]] = {
    "campaign": Reason.CAMPAIGN_LIMIT_EXCEEDED,
    "code": Reason.QUANTITY_EXCEEDED,
    "customer": Reason.CUSTOMER_LIMIT_EXCEEDED,
    "customer_and_code": Reason.CUSTOMER_LIMIT_EXCEEDED,
}


class Counted(NamedTuple):
    """One kind of counter, the limit that it is kept for, and what is said where it is short."""

    kind: str
    limit: Limit
    reason: Reason
    hint: str


class Taken(NamedTuple):
    """What a use takes; minor units. `order_minor` is its share of the order.

    One that is given back in part gives no use back.
    """

    discount_minor: int
    order_minor: int
    uses: int = 1


def claims_of_any(offer: Offer) -> tuple[Claim, ...]:
    """Return what any use of this offer needs, whoever asks for it: a hot code's for a batch."""
    return (_of_code(offer), _of_campaign(offer))


def counted(terms: Terms, time_zone: str) -> Sequence[Counted]:
    """Return what these terms limit beside that, in the order in which it is tested."""
    return _counted_by(terms.limits, time_zone)


@lru_cache(maxsize=4096)  # asked of each request
def _counted_by(limits: Limits, time_zone: str) -> Sequence[Counted]:
    found = []
    if limits.per_customer is not None:
        found.append(_counted(CUSTOMER, Limit(of="customer", most=limits.per_customer)))
    found += [_counted(_kind(limit, time_zone), limit) for limit in limits.others]
    return tuple(sorted(found, key=lambda each: _rank(each.limit)))


def claims_of(
    counted: Sequence[Counted], counters: Sequence[CounterKey | None], offer: Coded, taken: Taken
) -> tuple[Claim, ...]:
    """Return what a use of the offer needs by those limits; `counters` are theirs for it."""
    claims = []
    for each, counter in zip(counted, counters, strict=True):
        if counter is None:
            claims.append(_of_nobody(each, offer))
        elif amount := amount_of(each, taken):
            most, per = each.limit.most, each.limit.per
            claims.append(Claim(counter, amount, most, each.reason, each.hint, per))
    return tuple(claims)


def counters_of(counted: Sequence[Counted], offer: Coded, use: Use) -> Counters:
    """Name what a use counts for by each of those limits."""
    return tuple([counter_of(each, offer, use) for each in counted])


def counter_of(counted: Counted, offer: Coded, use: Use) -> CounterKey | None:
    """Name what a use counts for: the period, whose pseudonym, and the code, as each matters.

    None is nobody's: of a customer where none is named.
    """
    limit, customer_id = counted.limit, use.customer_id
    parts = []
    if limit.per is not None:
        parts.append(period_of(use.at, limit.per, offer.campaign.time_zone))
    if limit.of in OF_CUSTOMERS:
        if customer_id is None:
            return None
        parts.append(customer_id)
    if limit.of in {"code", "customer_and_code"}:
        parts.append(offer.code)  # last: it alone may hold anything
    return CounterKey(offer.project_id, offer.campaign.id, counted.kind, " ".join(parts))


def amount_of(counted: Counted, taken: Taken) -> int:
    """Return how much a use takes of a counter: nothing of a budget where nothing is taken off."""
    what = counted.limit.what
    if what == "redemptions":
        return taken.uses
    return taken.discount_minor if what == "discount" else taken.order_minor


def kinds(terms: Terms, time_zone: str) -> set[str]:
    """Return what is counted under these terms beside the uses of the campaign and its codes."""
    return {each.kind for each in counted(terms, time_zone)}


def check(
    claimed: Sequence[Claim], used: Uses, taken: Uses, offer: Offer, at: datetime
) -> Refusal | None:
    """Return why the claims cannot be met beside what was used, and what this request took."""
    for claim in claimed:
        counter, limit = claim.counter, claim.limit
        if limit is None:
            continue
        beside = taken.get(counter, 0)
        already = used.get(counter, 0) + beside
        if already + claim.amount > limit:
            return shortfalls.refused(claim, max(0, limit - already), beside, offer, at)
    return None


def take(claimed: Sequence[Claim], taken: dict[CounterKey, int]) -> None:
    """Count the claims as taken."""
    for claim in claimed:
        taken[claim.counter] = taken.get(claim.counter, 0) + claim.amount


def uses_of_code(claimed: Sequence[Claim], used: Uses, taken: Uses) -> int:
    """Return how often the code is used once its claims are taken."""
    counter = claimed[0].counter  # the code's own stands first
    return used.get(counter, 0) + taken.get(counter, 0)


def _of_code(offer: Offer) -> Claim:
    return Claim(
        CounterKey(offer.project_id, offer.campaign.id, CODE, offer.code),
        1,
        offer.voucher.quantity,
        Reason.QUANTITY_EXCEEDED,
        "the limit of this code is reached: {limit}",
    )


def _of_campaign(offer: Offer) -> Claim:
    return Claim(
        CounterKey(offer.project_id, offer.campaign.id, CAMPAIGN, ""),
        1,
        offer.campaign.terms.limits.total,
        Reason.CAMPAIGN_LIMIT_EXCEEDED,
        "the limit of this campaign is reached: {limit}",
    )


def _kind(limit: Limit, time_zone: str) -> str:
    """Name a kind of counter: by another zone's days it is another one, and counted anew."""
    period = "" if limit.per is None else f" per {limit.per} in {time_zone}"
    return f"{limit.what} of {limit.of}{period}"


def _rank(limit: Limit) -> tuple[int, bool, str, str]:
    """Order limits: of redemptions first, then by periods, then budgets, those of orders last."""
    return (WHAT[limit.what], limit.per is not None, limit.of, limit.per or "")


def _counted(kind: str, limit: Limit) -> Counted:
    return Counted(kind, limit, _reason(limit), _hint(limit))


def _of_nobody(counted: Counted, offer: Coded) -> Claim:
    """Return the claim of who names no customer: one use of none, so that it is refused."""
    counter = CounterKey(offer.project_id, offer.campaign.id, counted.kind, "")
    hint = "this campaign is limited per customer: name one"
    return Claim(counter, 1, 0, Reason.MISSING_CUSTOMER, hint)


def _reason(limit: Limit) -> Reason:
    if limit.what != "redemptions":
        return Reason.BUDGET_EXCEEDED
    return REASONS[limit.of] if limit.per is None else Reason.PERIOD_LIMIT_EXCEEDED


def _hint(limit: Limit) -> str:
    whose = NAMES[limit.of] + (f" per {limit.per}" if limit.per else "")
    if limit.what == "discount":
        return f"the budget of {whose} is short: {{amount}} of {{left}} left of {{limit}}"
    if limit.what == "order":
        return (
            f"the budget of {whose} for orders is short: {{amount}} of {{left}} left of {{limit}}"
        )
    return f"the limit of {whose} is reached: {{limit}}"
