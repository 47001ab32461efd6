"""What makes a redemption acceptable. No I/O and no clock: every fact is an argument.

The order of the checks is a promise: of several reasons the first one is given, on every path.
"""

from collections.abc import Callable

from contracts.campaigns import PercentOff
from contracts.instants import wire
from contracts.redemptions import Reason
from redemption.decisions import Offer, Refusal, Request, Uses

# One refusal for a code that never was, that is mistyped, or that is another project's.
UNKNOWN_CODE = Refusal(Reason.NOT_FOUND)


def refuse(offer: Offer, request: Request, uses: Uses) -> Refusal | None:
    """Return why this request must be refused, or None to accept it."""
    for objection in OBJECTIONS:
        refusal = objection(offer, request, uses)
        if refusal is not None:
            return refusal
    return None


def campaign_inactive(offer: Offer, _request: Request, _uses: Uses) -> Refusal | None:
    """Judge the switch by its state now, whenever the request was appended."""
    return None if offer.campaign_active else Refusal(Reason.CAMPAIGN_INACTIVE)


def voucher_disabled(offer: Offer, _request: Request, _uses: Uses) -> Refusal | None:
    return None if offer.voucher_active else Refusal(Reason.VOUCHER_DISABLED)


def not_started(offer: Offer, request: Request, _uses: Uses) -> Refusal | None:
    if offer.starts_at is None or request.at >= offer.starts_at:
        return None
    return Refusal(Reason.VOUCHER_NOT_ACTIVE, f"valid from {wire(offer.starts_at)}")


def ended(offer: Offer, request: Request, _uses: Uses) -> Refusal | None:
    """Judge the end, which is exclusive."""
    if offer.ends_at is None or request.at < offer.ends_at:
        return None
    return Refusal(Reason.VOUCHER_EXPIRED, f"was valid until {wire(offer.ends_at)}")


def code_used_up(offer: Offer, request: Request, uses: Uses) -> Refusal | None:
    if offer.quantity is None or uses.of_code[request.code_key] < offer.quantity:
        return None
    return Refusal(Reason.QUANTITY_EXCEEDED, f"all {offer.quantity} uses of this code are taken")


def campaign_used_up(offer: Offer, request: Request, uses: Uses) -> Refusal | None:
    if offer.total_limit is None:
        return None
    if uses.of_campaign[request.project_id, offer.campaign_id] < offer.total_limit:
        return None
    return Refusal(
        Reason.CAMPAIGN_LIMIT_EXCEEDED, f"all {offer.total_limit} uses of this campaign are taken"
    )


def customer_used_up(offer: Offer, request: Request, uses: Uses) -> Refusal | None:
    if offer.per_customer_limit is None:
        return None
    if request.customer_id is None:
        return Refusal(Reason.MISSING_CUSTOMER, "this campaign is limited per customer: name one")
    key = (request.project_id, offer.campaign_id, request.customer_id)
    if uses.of_customer.get(key, 0) < offer.per_customer_limit:
        return None
    return Refusal(
        Reason.CUSTOMER_LIMIT_EXCEEDED,
        f"all {offer.per_customer_limit} uses of this customer are taken",
    )


def order_does_not_fit(offer: Offer, request: Request, _uses: Uses) -> Refusal | None:
    if isinstance(offer.discount, PercentOff) and request.order_minor is None:
        return Refusal(Reason.MISSING_ORDER, "a percentage needs an order amount")
    if request.currency is not None and request.currency != offer.currency:
        return Refusal(Reason.INVALID_ORDER, f"order amounts must be in {offer.currency}")
    return None


OBJECTIONS: tuple[Callable[[Offer, Request, Uses], Refusal | None], ...] = (
    campaign_inactive,
    voucher_disabled,
    not_started,
    ended,
    code_used_up,
    campaign_used_up,
    customer_used_up,
    order_does_not_fit,
)
