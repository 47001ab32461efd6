"""Limits as sentences, such as: At most 2 redemptions per customer and month. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.design.words import say
from console.format import money


def sentence(limit: Mapping[str, Any], currency: str) -> str:
    whose = say(f"limits.whose_{limit['of']}_{limit['per'] or 'ever'}")
    for budget in ("discount_amount", "orders_amount"):
        if (minor := limit[budget]) is not None:
            amount = money.money(minor, currency)
            return say(f"limits.{budget}", amount=amount, currency=currency, whose=whose)
    return say("limits.redemptions", n=limit["redemptions"], whose=whose)


def of_customers(deal: Mapping[str, Any], currency: str) -> list[str]:
    """Write what a customer meets of a deal as its partner sees it."""
    each = deal["per_customer_limit"]
    whose = say("limits.whose_customer_ever")
    usual = [] if each is None else [say("limits.redemptions", n=each, whose=whose)]
    return usual + sentences(deal["limits"], currency)


def sentences(limits: Sequence[Mapping[str, Any]] | None, currency: str) -> list[str]:
    return [sentence(each, currency) for each in limits or ()]
