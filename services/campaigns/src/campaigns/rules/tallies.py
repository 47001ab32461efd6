"""Conditions that count, as Voucherify's API spells them: they are limits of the campaign. Pure.

{"name": "redemption.count.per_customer", "conditions": {"$less_than_or_equal": [1]}}
"""

from collections.abc import Mapping
from typing import Any, Final

from campaigns.api import conditions
from campaigns.limiting import LimitingCondition
from campaigns.rules.reading import check_none_within, made, message_of

# What Voucherify's rules ask and nobody keeps here, by how the names begin; and what to do instead.
INSTEAD: Final[Mapping[str, str]] = {
    "redemption.count.per_api_key": "make a campaign for each key, by redemption.api_key",
    "redemption.count.per_user": "make a campaign for each of them",
    "redemption.count": "say daily, weekly, monthly or per_customer; in all it is the quantity of "
    "a code, or campaign.redemptions.count",
    "redemption.user.login": "ask for redemption.channel or redemption.api_key",
    "redemption.gift": "there are no gift cards",
    "campaign.redemptions.customers_count": "limit campaign.redemptions.count, and "
    "redemption.count.per_customer to 1: so many customers at most",
    "campaign.orders": "limit campaign.orders.amount or campaign.orders.amount_discounted, once "
    "and for all",
    "product.": "ask for order.items.any, and by its rules for order.items.metadata or "
    "order.items.price",
    "sku.": "ask for order.items.any, and by its rules for order.items.metadata or "
    "order.items.price",
    "publication.": "ask for customer.segment, a list of those who may",
    "custom_event.": "send it as metadata of the customer, and ask for customer.metadata",
}
MOST: Final = {"$less_than_equal": 0, "$less_than": 1}


def read(key: str, fields: Mapping[str, Any]) -> LimitingCondition:
    """Read a limit. Raises ValueError for what is none."""
    name = fields["name"]
    check_none_within(fields)
    if fields.get("property") is not None:
        raise ValueError(f"{name} has no properties")
    if message_of(fields.get("error")) is not None:
        raise ValueError(f"{name} has no error of its own: it is a limit, and refused as one")
    asked = conditions.read(fields.get("conditions"))
    [first, *more] = asked
    if more or first.operator not in MOST or type(first.values[0]) is not int:
        raise ValueError(f"{name} is a limit: ask for $less_than_or_equal and a whole number")
    most = first.values[0] - MOST[first.operator]
    if most < 1:
        raise ValueError(f"{name}: this one counts, so it could never be met")
    return made(LimitingCondition, {"key": key, "name": name, "most": most})


def spelled(of: LimitingCondition) -> dict[str, Any]:
    """Write a limit as it is sent, with all its fields."""
    return {
        "name": of.name,
        "property": None,
        "conditions": {"$less_than_equal": [of.most]},
        "rules": {},
        "error": None,
    }


def check_enforced(name: object) -> None:
    """Raise ValueError for a name of Voucherify's that nobody enforces, with what to do instead."""
    if isinstance(name, str):
        for begins, instead in INSTEAD.items():
            if name.startswith(begins):
                raise ValueError(f"{name[:100]} is not enforced here: {instead}")
