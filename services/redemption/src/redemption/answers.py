"""What the asker gets, as Voucherify's clients read it. Pure; the bytes are kept for repeats."""

from typing import Any, Final

import orjson

from contracts.instants import wire
from contracts.redemptions import Reason
from redemption.decisions import Accepted, Answer, Decision, Offer, Refusal, Refused, Request

MESSAGES: Final[dict[Reason, str]] = {
    Reason.NOT_FOUND: "Resource not found",
    Reason.CAMPAIGN_INACTIVE: "campaign is not active",
    Reason.VOUCHER_DISABLED: "voucher is disabled",
    Reason.VOUCHER_NOT_ACTIVE: "voucher is not active yet",
    Reason.VOUCHER_EXPIRED: "voucher expired",
    Reason.QUANTITY_EXCEEDED: "quantity exceeded",
    Reason.CAMPAIGN_LIMIT_EXCEEDED: "the campaign's limit is exceeded",
    Reason.CUSTOMER_LIMIT_EXCEEDED: "the customer's limit is exceeded",
    Reason.MISSING_CUSTOMER: "a customer is required",
    Reason.MISSING_ORDER: "an order is required",
    Reason.INVALID_ORDER: "the order does not fit the campaign",
}

OK = 200
BAD_REQUEST = 400
MISSING = 404


def status_of(reason: Reason) -> int:
    """Return the HTTP status of a refusal."""
    return MISSING if reason is Reason.NOT_FOUND else BAD_REQUEST


def answer(decision: Decision) -> Answer:
    """Render the answer to a decision."""
    fingerprint = decision.request.fingerprint
    match decision:
        case Accepted():
            return Answer(fingerprint, OK, orjson.dumps(_accepted(decision)))
        case Refused():
            status = status_of(decision.refusal.reason)
            return Answer(fingerprint, status, orjson.dumps(_refused(decision)))


def key_reused(request: Request) -> Answer:
    """Render the answer to a known key with other content: never a second decision."""
    body = {
        "code": 422,
        "key": "idempotency_key_reused",
        "message": "this key was used for another request",
        "details": "send the same content again, or a new key",
    }
    return Answer(request.fingerprint, 422, orjson.dumps(body))


def redemption_id(decision: Decision) -> str:
    """Name the redemption, accepted or failed, after its ledger row."""
    return f"{'r' if isinstance(decision, Accepted) else 'rf'}_{decision.id.hex}"


def refusal_body(
    refusal: Refusal, request: Request, resource_id: str | None = None
) -> dict[str, Any]:
    """Return the error object of a refusal: why, what was at stake, what would help."""
    return {
        "code": status_of(refusal.reason),
        "key": refusal.reason.value,
        "message": MESSAGES[refusal.reason],
        "details": refusal.hint or request.code,
        "resource_id": resource_id,
        "resource_type": "redemption",
        "order_amount": request.order_minor,
    }


def _refused(decision: Refused) -> dict[str, Any]:
    return refusal_body(decision.refusal, decision.request, redemption_id(decision))


def _accepted(decision: Accepted) -> dict[str, Any]:
    request = decision.request
    order = order_body(request, decision.discount_minor)
    redemption = {
        "id": redemption_id(decision),
        "object": "redemption",
        "date": wire(request.at),
        "customer_id": request.customer_id,
        "tracking_id": None,
        "metadata": {},
        "result": "SUCCESS",
        "status": "SUCCEEDED",
        "related_object_type": "voucher",
        "related_object_id": decision.offer.voucher_id,
        "voucher": _voucher(request, decision.offer),
        "order": order,
    }
    return {
        "redemptions": [redemption],
        "order": order,
        "inapplicable_redeemables": [],
        "skipped_redeemables": [],
    }


def _voucher(request: Request, offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.voucher_id,
        "object": "voucher",
        "code": request.code,
        "campaign": offer.campaign_name,
        "campaign_id": offer.campaign_id,
        "type": "DISCOUNT_VOUCHER",
    }


def order_body(request: Request, discount_minor: int) -> dict[str, Any] | None:
    """Return the order with what the coupon takes off it, or None where none was sent."""
    if request.order_minor is None:
        return None
    return {
        "source_id": request.order_id,
        "object": "order",
        "amount": request.order_minor,
        "discount_amount": discount_minor,
        "total_discount_amount": discount_minor,
        "applied_discount_amount": discount_minor,
        "total_applied_discount_amount": discount_minor,
        "total_amount": request.order_minor - discount_minor,
        "customer_id": request.customer_id,
    }
