"""Every limit, as claims: what a use needs, and of what there is how much. Pure; the only place.

From a claim follows what is loaded, tested, taken, recorded and given back. Every use claims one of
its code and one of its campaign; a new limit beside those is a function here and a line in LIMITS.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from contracts.redemptions import Reason
from contracts.terms import Terms
from redemption.model import Claim, CounterKey, Offer, Refusal, Request

CAMPAIGN = "campaign"
CODE = "code"
CUSTOMER = "customer"

Uses = Mapping[CounterKey, int]  # what is not there is 0


class Limit(NamedTuple):
    """One kind of counter: whether it is counted under these terms, and what a use claims of it."""

    kind: str
    counted: Callable[[Terms], bool]
    claim: Callable[[Offer, Request], Claim]


def claims(offer: Offer, request: Request) -> tuple[Claim, ...]:
    """Return what one use of this offer needs, in the order in which it is tested."""
    return claims_of_any(offer) + claims_of(counted(offer.campaign.terms), offer, request)


def claims_of_any(offer: Offer) -> tuple[Claim, ...]:
    """Return what any use of this offer needs, whoever asks for it: a hot code's for a batch."""
    return (_of_code(offer), _of_campaign(offer))


def counted(terms: Terms) -> Sequence[Limit]:
    """Return which limits these terms have beside that."""
    return [limit for limit in LIMITS if limit.counted(terms)]


def claims_of(counted: Sequence[Limit], offer: Offer, request: Request) -> tuple[Claim, ...]:
    """Return what this request needs of the offer by those limits."""
    return tuple([limit.claim(offer, request) for limit in counted])


def kinds(terms: Terms) -> set[str]:
    """Return what is counted under these terms."""
    return {CODE, CAMPAIGN, *[limit.kind for limit in counted(terms)]}


def check(claimed: Sequence[Claim], used: Uses, taken: Uses) -> Refusal | None:
    """Return why the claims cannot be met beside what was used, and what this request took."""
    for counter, amount, limit, reason, hint in claimed:
        if limit is not None and used.get(counter, 0) + taken.get(counter, 0) + amount > limit:
            return Refusal(reason, hint.format(limit=limit))
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


def _of_customer(offer: Offer, request: Request) -> Claim:
    customer_id = request.customer_id
    counter = CounterKey(offer.project_id, offer.campaign.id, CUSTOMER, customer_id or "")
    if customer_id is None:  # nobody's uses: there are none to take
        hint = "this campaign is limited per customer: name one"
        return Claim(counter, 1, 0, Reason.MISSING_CUSTOMER, hint)
    return Claim(
        counter,
        1,
        offer.campaign.terms.limits.per_customer,
        Reason.CUSTOMER_LIMIT_EXCEEDED,
        "the limit of this customer is reached: {limit}",
    )


def _where_customers_are_limited(terms: Terms) -> bool:
    return terms.limits.per_customer is not None


LIMITS = (Limit(CUSTOMER, _where_customers_are_limited, _of_customer),)
