"""Whether the order is one that the campaign's discount can be taken off."""

from typing import Final

from contracts.discounts import AmountOff, FixedPrice, FreeUnits, PercentOff
from contracts.redemptions import Reason
from contracts.terms import Terms
from redemption.model import Case, Offer, Refusal

NO_ORDER: Final = {"missing": "order"}
NO_LINES: Final = {"missing": "order_items"}
NO_LINE_FOR_IT: Final = {"missing": "applicable_items"}


def order_missing(case: Case) -> Refusal | None:
    if case.request.order is not None:
        return None
    terms = case.offer.campaign.terms
    match terms.discount:
        case PercentOff():
            return Refusal(Reason.MISSING_ORDER, "a percentage needs an order amount", NO_ORDER)
        case FixedPrice():
            return Refusal(Reason.MISSING_ORDER, "a fixed price needs an order amount", NO_ORDER)
        case FreeUnits():
            return Refusal(Reason.MISSING_ORDER, "free units need an order", NO_ORDER)
        case AmountOff(tiers=()) if not _is_for_lines(terms):
            return None
        case AmountOff():
            return Refusal(Reason.MISSING_ORDER, "such an amount needs an order", NO_ORDER)


def lines_missing(case: Case) -> Refusal | None:
    order = case.request.order
    if order is None or order.items or not _is_for_lines(case.offer.campaign.terms):
        return None
    said = "the discount is for lines of the order: send its items"
    return Refusal(Reason.MISSING_ORDER_ITEMS, said, NO_LINES)


def no_line_covered(case: Case) -> Refusal | None:
    """Refuse an order without a line that the discount is for."""
    order, for_some = case.request.order, case.offer.campaign.terms.applicable_to
    if order is None or not for_some:
        return None
    if any(for_some.covers(item.product_id, item.sku_id) for item in order.items):
        return None
    said = "no line of the order is of a product that this coupon is for"
    return Refusal(Reason.ORDER_RULES_VIOLATED, said, NO_LINE_FOR_IT)


def currency_differs(case: Case) -> Refusal | None:
    order, currency = case.request.order, case.offer.campaign.currency
    if order is None or order.currency is None or order.currency == currency:
        return None
    said = f"order amounts must be in {currency}"
    return Refusal(Reason.INVALID_ORDER, said, {"currency": currency})


def needs_an_order(offer: Offer) -> bool:
    """Tell whether without an order there is nothing to take the discount off."""
    terms = offer.campaign.terms
    discount = terms.discount
    return not isinstance(discount, AmountOff) or bool(discount.tiers) or _is_for_lines(terms)


def has_lines_alone(offer: Offer) -> bool:
    """Tell whether the discount is on lines, or for some of them."""
    return _is_for_lines(offer.campaign.terms)


def has_some_products_alone(offer: Offer) -> bool:
    """Tell whether the discount is for some products alone."""
    return bool(offer.campaign.terms.applicable_to)


def _is_for_lines(terms: Terms) -> bool:
    discount = terms.discount
    on_lines = not isinstance(discount, FreeUnits) and discount.effect != "APPLY_TO_ORDER"
    return on_lines or bool(terms.applicable_to)
