"""A validation as Voucherify's clients read it. Pure."""

from typing import Any

from contracts.campaigns import AmountOff, PercentOff
from contracts.ids import new
from redemption.answers import order_body, refusal_body
from redemption.decisions import Offer, Refusal, Request

STACKING_RULES = {
    "redeemables_limit": 1,
    "applicable_redeemables_limit": 1,
    "applicable_redeemables_per_category_limit": 1,
    "applicable_exclusive_redeemables_limit": 1,
    "applicable_exclusive_redeemables_per_category_limit": 1,
    "exclusive_categories": [],
    "joint_categories": [],
    "redeemables_application_mode": "ALL",
    "redeemables_sorting_rule": "REQUESTED_ORDER",
}
NOTHING = {"object": "list", "data_ref": "data", "data": [], "total": 0}


def body(
    request: Request, offer: Offer | None, refusal: Refusal | None, discount_minor: int
) -> dict[str, Any]:
    """Return the answer: 200 whether or not the code would be accepted."""
    if refusal is not None or offer is None:
        redeemable = _inapplicable(request, offer, refusal)
    else:
        redeemable = _applicable(request, offer, discount_minor)
    return {
        "id": new("valid_"),
        "valid": refusal is None,
        "redeemables": [redeemable],
        "order": redeemable.get("order"),
        "tracking_id": None,
        "session": None,
        "stacking_rules": STACKING_RULES,
    }


def _applicable(request: Request, offer: Offer, discount_minor: int) -> dict[str, Any]:
    return {
        "status": "APPLICABLE",
        "id": request.code,
        "object": "voucher",
        "order": order_body(request, discount_minor),
        "applicable_to": NOTHING,
        "inapplicable_to": NOTHING,
        "result": {"discount": discount_body(offer.discount)},
        "campaign_name": offer.campaign_name,
        "campaign_id": offer.campaign_id,
    }


def _inapplicable(request: Request, offer: Offer | None, refusal: Refusal | None) -> dict[str, Any]:
    error = refusal_body(refusal, request) if refusal else {}
    return {
        "status": "INAPPLICABLE",
        "id": request.code,
        "object": "voucher",
        "result": {
            "error": error,
            "details": {"key": error.get("key"), "message": error.get("message")},
        },
        "campaign_name": offer.campaign_name if offer else None,
        "campaign_id": offer.campaign_id if offer else None,
    }


def discount_body(discount: AmountOff | PercentOff) -> dict[str, Any]:
    """Return a discount in Voucherify's words: minor units, or a percentage."""
    match discount:
        case AmountOff():
            off = discount.amount_off_minor
            return {"type": "AMOUNT", "amount_off": off, "effect": "APPLY_TO_ORDER"}
        case PercentOff():
            whole, rest = divmod(discount.basis_points, 100)
            percent = discount.basis_points / 100 if rest else whole
            return {"type": "PERCENT", "percent_off": percent, "effect": "APPLY_TO_ORDER"}
