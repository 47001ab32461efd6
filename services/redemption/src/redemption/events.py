"""Outcomes as they go on Kafka. Pure.

Written as plain dictionaries because pydantic would cost more than the decision; a test holds
them against `contracts.redemptions`, byte for byte.
"""

from datetime import datetime
from typing import Any

import orjson

from contracts.instants import wire
from redemption.answers import redemption_id
from redemption.decisions import Accepted, Decision, Refused

SOURCE = "/counterfoil/redemption"


def outcome(decision: Decision, *, customer_is_new: bool, decided_at: datetime) -> bytes:
    """Render the event that tells everybody what became of a request."""
    if isinstance(decision, Accepted):
        kind, data = "succeeded", _succeeded(decision, customer_is_new=customer_is_new)
    else:
        kind, data = "failed", _failed(decision)
    subject = redemption_id(decision)
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(decision.id),
            "source": SOURCE,
            "type": f"coupons.redemption.{kind}.v1",
            "subject": subject,
            "time": wire(decision.request.at),
            "datacontenttype": "application/json",
            "projectid": decision.request.project_id,
            "traceparent": None,
            "data": {"redemption_id": subject, **data, "decided_at": wire(decided_at)},
        }
    )


def _succeeded(decision: Accepted, *, customer_is_new: bool) -> dict[str, Any]:
    request, offer = decision.request, decision.offer
    plan = offer.commission_plan
    return {
        "request_id": request.request_id,
        "code": request.code,
        "voucher_id": offer.voucher_id,
        "uses": decision.uses,
        "sequence": decision.sequence,
        "campaign_id": offer.campaign_id,
        "campaign_version": offer.campaign_version,
        "partner_id": offer.partner_id,
        "channel": offer.channel,
        "category_id": offer.category_id,
        "customer_id": request.customer_id,
        "customer_is_new": customer_is_new,
        "order_id": request.order_id,
        "order_minor": request.order_minor or 0,
        "discount_minor": decision.discount_minor,
        "currency": offer.currency,
        "commission_plan": {
            "share_basis_points": plan.share_basis_points,
            "flat_minor": plan.flat_minor,
            "new_customer_bonus_minor": plan.new_customer_bonus_minor,
        },
        "margin_basis_points": offer.margin_basis_points,
        "visit_id": request.visit_id,
    }


def _failed(decision: Refused) -> dict[str, Any]:
    request, offer, refusal = decision.request, decision.offer, decision.refusal
    return {
        "request_id": request.request_id,
        "code": request.code,
        "reason": refusal.reason.value,
        "hint": refusal.hint,
        "campaign_id": offer.campaign_id if offer else None,
        "campaign_version": offer.campaign_version if offer else None,
        "partner_id": offer.partner_id if offer else None,
        "channel": offer.channel if offer else None,
        "category_id": offer.category_id if offer else None,
        "customer_id": request.customer_id,
        "order_id": request.order_id,
        "order_minor": request.order_minor or 0,
        "currency": offer.currency if offer else request.currency,
        "visit_id": request.visit_id,
    }
