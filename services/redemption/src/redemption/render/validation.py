"""A validation as Voucherify's clients read it."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from contracts.discounts import as_voucherify
from contracts.ids import new
from contracts.stacking import as_voucherify as stacking_rules
from contracts.targets import ApplicableTo
from redemption.outcomes import Applied, Decision, Line
from redemption.render.bodies import told_of
from redemption.render.left_out import inapplicable, of_decision, skipped
from redemption.render.orders import Applying, OrderBody, as_one

EVERY: Final = {"effect": "APPLY_TO_EVERY"}
NO_LINES: Final[dict[str, Any]] = {
    "object": "list",
    "data_ref": "data",
    "data": (),
    "total": 0,
}

_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode


def validation(decision: Decision) -> bytes:
    """Return the answer: 200 whether or not the codes would be accepted."""
    told = told_of(decision.request)
    order, applying = None, Applying(told)
    applicable: list[Any] = []
    for outcome in decision.outcomes:
        if isinstance(outcome, Applied):
            order = applying.after(outcome.discount_minor, outcome.lines)
            applicable.append(_applicable(outcome, order))
    whole = order if len(applicable) == 1 else as_one(order)  # of one code it is the same
    left_out = of_decision(decision)
    refused, left = inapplicable(told, left_out, kept=False), skipped(left_out)
    valid = decision.refused is None
    return _encode(
        {
            "id": new("valid_"),
            "valid": valid,
            # Of codes that would be redeemed all or none each is here, whatever is to become of it.
            "redeemables": applicable if valid else [*applicable, *refused, *left],
            "inapplicable_redeemables": refused,
            "skipped_redeemables": left,
            "order": whole if valid else None,
            "tracking_id": told.tracking_id,
            "session": None,
            "stacking_rules": stacking_rules(decision.rules),
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
        "campaign_name": outcome.offer.campaign.name,
        "campaign_id": outcome.offer.campaign.id,
    }


def _chosen(for_some: ApplicableTo, line: Line) -> dict[str, Any]:
    """Say which pieces of such a line are meant, where it is not all of them."""
    which = for_some.choice_of(line.product_id, line.sku_id)
    if which is None:
        return EVERY
    choice = for_some.choices[which]
    limits = {
        "quantity_limit": choice.most_of_line,
        "aggregated_quantity_limit": choice.most,
    }
    said = {name: most for name, most in limits.items() if most is not None}
    return {"effect": choice.by} | said


def _lines_of(outcome: Applied, *, covered: bool) -> dict[str, Any]:
    """List what is in the order, by product or SKU, that the discount is for, or is not."""
    for_some = outcome.offer.campaign.terms.applicable_to
    if not for_some:
        return NO_LINES
    found = {
        ("sku", line.sku_id) if line.sku_id else ("product", line.product_id or ""): line
        for line in outcome.lines
        if not line.is_added and for_some.covers(line.product_id, line.sku_id) is covered
    }
    data = [
        {"object": kind, "id": id_} | (_chosen(for_some, line) if covered else EVERY)
        for (kind, id_), line in sorted(found.items())
    ]
    return NO_LINES | {"data": data, "total": len(data)}
