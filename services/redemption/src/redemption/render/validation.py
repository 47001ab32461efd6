"""A validation as Voucherify's clients read it."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from contracts.discounts import as_voucherify
from contracts.ids import new
from contracts.redemptions import MOST_REDEEMABLES
from redemption.model import Applied, Decision, Inapplicable, Offer, Skipped
from redemption.render.bodies import Told, refusal_body, told_of
from redemption.render.orders import Applying, OrderBody, as_one

_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode

STACKING_RULES = {
    "redeemables_limit": MOST_REDEEMABLES,
    "applicable_redeemables_limit": MOST_REDEEMABLES,
    "applicable_redeemables_per_category_limit": MOST_REDEEMABLES,
    "applicable_exclusive_redeemables_limit": MOST_REDEEMABLES,
    "applicable_exclusive_redeemables_per_category_limit": MOST_REDEEMABLES,
    "exclusive_categories": [],
    "joint_categories": [],
    "redeemables_application_mode": "ALL",
    "redeemables_sorting_rule": "REQUESTED_ORDER",
}


def validation(decision: Decision) -> bytes:
    """Return the answer: 200 whether or not the codes would be accepted."""
    told = told_of(decision.request)
    order, applying = None, Applying(told)
    redeemables: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    for outcome in decision.outcomes:
        match outcome:
            case Applied():
                order = applying.after(outcome.discount_minor, outcome.lines)
                redeemables.append(_applicable(outcome, order))
            case Inapplicable():
                redeemables.append(_inapplicable(told, outcome))
            case Skipped():
                skipped.append(_skipped(outcome))
    return _encode(
        {
            "id": new("valid_"),
            "valid": decision.refused is None,
            "redeemables": redeemables + skipped,
            "skipped_redeemables": skipped,
            "order": None if decision.refused else as_one(order),
            "tracking_id": told.tracking_id,
            "session": None,
            "stacking_rules": STACKING_RULES,
        }
    )


def _applicable(outcome: Applied, order: OrderBody | None) -> dict[str, Any]:
    return {
        "status": "APPLICABLE",
        "id": outcome.offer.code,
        "object": "voucher",
        "order": order,
        "applicable_to": _lines_of(outcome, covered=True),
        "inapplicable_to": _lines_of(outcome, covered=False),
        "result": {"discount": as_voucherify(outcome.offer.campaign.terms.discount)},
        **_campaign(outcome.offer),
    }


def _lines_of(outcome: Applied, *, covered: bool) -> dict[str, Any]:
    """List what is in the order, by product or SKU, that the discount is for, or is not."""
    for_some = outcome.offer.campaign.terms.applicable_to
    found = {
        ("sku", line.sku_id) if line.sku_id else ("product", line.product_id or "")
        for line in outcome.lines
        if for_some
        and not line.is_added
        and for_some.covers(line.product_id, line.sku_id) is covered
    }
    data = [{"object": kind, "id": id_, "effect": "APPLY_TO_EVERY"} for kind, id_ in sorted(found)]
    return {"object": "list", "data_ref": "data", "data": data, "total": len(data)}


def _inapplicable(told: Told, outcome: Inapplicable) -> dict[str, Any]:
    error = refusal_body(outcome.refusal, told.order_minor, outcome.code)
    return {
        "status": "INAPPLICABLE",
        "id": outcome.code,
        "object": "voucher",
        "result": {"error": error, "details": {"key": error.key, "message": error.message}},
        **_campaign(outcome.offer),
    }


def _skipped(outcome: Skipped) -> dict[str, Any]:
    key, message = "preceding_validation_failed", "a code before this one would be refused"
    return {
        "status": "SKIPPED",
        "id": outcome.code,
        "object": "voucher",
        "result": {"details": {"key": key, "message": message}},
        **_campaign(None),  # or it would say which guesses exist
    }


def _campaign(offer: Offer | None) -> dict[str, Any]:
    campaign = offer.campaign if offer else None
    return {
        "campaign_name": campaign.name if campaign else None,
        "campaign_id": campaign.id if campaign else None,
    }
