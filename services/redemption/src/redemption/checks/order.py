"""Whether the order is one that the campaign's discount can be taken off."""

from typing import Final

from contracts.redemptions import Reason
from contracts.terms import FixedPrice, PercentOff
from redemption.model import Case, Refusal

NO_ORDER: Final = {"missing": "order"}


def order_missing(case: Case) -> Refusal | None:
    if case.request.order is not None:
        return None
    match case.offer.campaign.terms.discount:
        case PercentOff():
            return Refusal(Reason.MISSING_ORDER, "a percentage needs an order amount", NO_ORDER)
        case FixedPrice():
            return Refusal(Reason.MISSING_ORDER, "a fixed price needs an order amount", NO_ORDER)
        case _:
            return None


def currency_differs(case: Case) -> Refusal | None:
    order, currency = case.request.order, case.offer.campaign.currency
    if order is None or order.currency is None or order.currency == currency:
        return None
    said = f"order amounts must be in {currency}"
    return Refusal(Reason.INVALID_ORDER, said, {"currency": currency})
