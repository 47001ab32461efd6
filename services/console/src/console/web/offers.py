"""What a code takes off, in words. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from console.design.words import say
from console.format import money, numbers

ON_ORDER: Final = "APPLY_TO_ORDER"
MANY: Final = "ADD_MANY_ITEMS"
SHIPPING: Final = "prod_5h1pp1ng"
COLLECTION: Final = "products_collection"
NOBODY: Final[Mapping[str, str]] = {}
EVERY: Final = "APPLY_TO_EVERY"
NAMED: Final = 3  # of products in a sentence, then how many more


def offer(discount: Mapping[str, Any], currency: str) -> str:
    """Write what a code takes off an order or its lines, or what it gives for nothing."""
    effect = discount.get("effect") or ON_ORDER
    match discount["type"]:
        case "UNIT":
            return units(units_of(discount))
        case "FIXED":
            price = money.money(discount["fixed_amount"], currency)
            key = "fixed" if effect == ON_ORDER else "fixed_each"
            return say(f"offers.{key}", price=price, currency=currency)
        case "AMOUNT":
            off = say("offers.amount", amount=_amount(discount["amount_off"], currency))
        case _:
            off = say("offers.percent", share=percentage(discount["percent_off"]))
    parts = [off if effect == ON_ORDER else say(f"offers.off_{effect}", off=off)]
    if found := discount.get("tiers"):
        parts.append(tiers(found, currency))
    for name in ("amount_limit", "aggregated_amount_limit"):
        if (most := discount.get(name)) is not None:
            key = name if effect == ON_ORDER else f"{name}_of_lines"
            parts.append(say(f"offers.{key}", most=_amount(most, currency)))
    return ", ".join(parts)


def tiers(found: Sequence[Mapping[str, Any]], currency: str) -> str:
    """Write what is off larger orders."""
    return ", ".join(
        say(
            "offers.tier",
            amount=_amount(each["amount_off"], currency),
            least=_amount(each["from_amount"], currency),
        )
        for each in found
    )


def units(found: Sequence[Mapping[str, Any]]) -> str:
    """Write what is free."""
    return " + ".join(_unit(each) for each in found)


def units_of(discount: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return what a discount gives for nothing, whether that is one thing or several."""
    if discount.get("effect") == MANY:
        return discount.get("units") or ()
    names = ("unit_off", "unit_type", "effect")
    return ({name: discount[name] for name in names},)


def applicable(
    applicable_to: Mapping[str, Any] | None, collections: Mapping[str, str] = NOBODY
) -> str:
    """Write which lines a discount is for, and which pieces; empty where it is for all."""
    told = applicable_to or {}
    parts = [
        say(f"offers.{kind}", names=names(told[kind], collections))
        for kind in ("included", "excluded")
        if told.get(kind)
    ]
    return "; ".join([*parts, *chosen(told)])


def chosen(told: Mapping[str, Any]) -> list[str]:
    """Write which pieces are meant, where not all of them are."""
    effect = told.get("effect")
    limits = [
        say(f"offers.{name}", n=most)
        for name in ("quantity_limit", "aggregated_quantity_limit")
        if (most := told.get(name)) is not None
    ]
    if effect is None or (effect == EVERY and limits):
        return limits
    return [say(f"offers.chosen_{effect}"), *limits]


def percentage(share: float | Decimal) -> str:
    """Write 15.5, and 10 without decimals."""
    text = f"{Decimal(str(share)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unit(unit: Mapping[str, Any]) -> str:
    if unit["unit_type"] == SHIPPING:
        return say("offers.shipping")
    quantity, what = numbers.number(unit["unit_off"]), unit["unit_type"]
    return say("offers.unit", quantity=quantity, what=what)


def names(targets: Sequence[Mapping[str, Any]], collections: Mapping[str, str] = NOBODY) -> str:
    named = ", ".join(_target(each, collections) for each in targets[:NAMED])
    more = len(targets) - NAMED
    return say("offers.more", names=named, n=more) if more > 0 else named


def _target(target: Mapping[str, Any], collections: Mapping[str, str]) -> str:
    named = str(target["id"])
    if target.get("object") == COLLECTION:
        named = say("offers.collection", name=collections.get(named, named))
    of_it = ", ".join(chosen(target))
    return f"{named} ({of_it})" if of_it else named


def _amount(minor: int, currency: str) -> str:
    return f"{money.money(minor, currency)} {currency}"
