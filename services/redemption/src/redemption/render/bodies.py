"""The objects that both redemptions and validations are made of, in Voucherify's words."""

import msgspec

from contracts.redemptions import Reason
from redemption.model import Offer, Refusal, Request
from redemption.render.messages import MESSAGES, status_of


class VoucherBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A code that was redeemed."""

    id: str
    object: str = "voucher"
    code: str
    campaign: str
    campaign_id: str
    type: str = "DISCOUNT_VOUCHER"


class OrderBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order with what the codes so far take off it; minor units.

    `applied_…` is what this code takes, the others are what it and the codes before it take.
    """

    source_id: str | None
    object: str = "order"
    amount: int
    discount_amount: int
    total_discount_amount: int
    applied_discount_amount: int
    total_applied_discount_amount: int
    total_amount: int
    customer_id: str | None


class RefusalBody(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The error object of a refusal: why, what was at stake, what would help."""

    code: int
    key: Reason
    message: str
    details: str
    resource_id: str | None
    resource_type: str = "redemption"
    order_amount: int | None


def voucher_body(offer: Offer) -> VoucherBody:
    return VoucherBody(
        id=offer.voucher.id,
        code=offer.code,
        campaign=offer.campaign.name,
        campaign_id=offer.campaign.id,
    )


def order_body(request: Request, discount_minor: int, applied_minor: int) -> OrderBody | None:
    """Return the order after a code, or None where none was sent."""
    order = request.order
    if order is None:
        return None
    return OrderBody(
        source_id=order.id,
        amount=order.amount_minor,
        discount_amount=discount_minor,
        total_discount_amount=discount_minor,
        applied_discount_amount=applied_minor,
        total_applied_discount_amount=applied_minor,
        total_amount=order.amount_minor - discount_minor,
        customer_id=request.customer_id,
    )


def refusal_body(
    refusal: Refusal, request: Request, code: str, resource_id: str | None = None
) -> RefusalBody:
    return RefusalBody(
        code=status_of(refusal.reason),
        key=refusal.reason,
        message=MESSAGES[refusal.reason],
        details=refusal.hint or code,
        resource_id=resource_id,
        order_amount=request.order.amount_minor if request.order else None,
    )
