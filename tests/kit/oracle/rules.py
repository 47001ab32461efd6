"""Validation rules: what holds, what does not, what is not known, and what is told of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kit.oracle.quotas import Why
from kit.oracle.terms import Campaign, Condition, Rule, Wish

AMOUNTS = {"order.amount", "order.total_amount"}
UNTOLD = {"customer.segment", "customer.metadata", "redemption.metadata"}


@dataclass(frozen=True)
class Case:
    """A wish, what is to pay after this code, and what is known of who wishes."""

    wish: Wish
    to_pay: int
    is_new: bool
    segments: frozenset[str]
    kept: dict[str, Any]  # metadata of the customer


def holding_for(code: str, campaign: Campaign) -> tuple[Rule, ...]:
    """Return the campaign's rules, and then those of this code."""
    return campaign.rules + tuple(rule for rule, codes in campaign.own_rules if code in codes)


def violated(rules: tuple[Rule, ...], case: Case) -> Why | None:
    """Return which condition of the first rule that is not met is to blame."""
    for rule in rules:
        if _value(rule, rule.tree, case) is True:
            continue
        key, wanted = _blame(rule, rule.tree, case, wanted=True)
        return _told(rule, rule.conditions[key], case, wanted=wanted)
    return None


def _value(rule: Rule, tree: Any, case: Case) -> bool | None:
    match tree:
        case str():
            return _holds(rule.conditions[tree], case)
        case ("not", part):
            inner = _value(rule, part, case)
            return None if inner is None else not inner
        case (word, *parts):
            found = [_value(rule, part, case) for part in parts]
            decides: bool = word == "or"
            if decides in found:
                return decides
            return None if None in found else not decides
        case _:
            raise AssertionError(tree)


def _blame(rule: Rule, tree: Any, case: Case, *, wanted: bool) -> tuple[str, bool]:
    match tree:
        case str():
            return tree, wanted
        case ("not", part):
            return _blame(rule, part, case, wanted=not wanted)
        case (_, *parts):
            value = _value(rule, tree, case)
            first = next(part for part in parts if _value(rule, part, case) is value)
            return _blame(rule, first, case, wanted=wanted)
        case _:
            raise AssertionError(tree)


def _missing(condition: Condition, wish: Wish) -> str | None:
    if condition.name.startswith("customer.") and wish.customer is None:
        return "customer"
    if condition.name.startswith("order.") and wish.amount is None:
        return "order"
    if condition.name.startswith("order.items.") and not wish.lines:
        return "order_items"
    return None


def _holds(condition: Condition, case: Case) -> bool | None:
    if _missing(condition, case.wish):
        return None
    products = [line.product for line in case.wish.lines]
    match condition.name:
        case "order.items.any":
            return condition.named in products
        case "order.items.none":
            return condition.named not in products
        case "customer.segment":
            return (condition.value in case.segments) == (condition.operator == "$is")
        case _:
            return _compares(_found(condition, case), condition.operator, condition.value)


def _found(condition: Condition, case: Case) -> Any:
    finders: dict[str, Callable[[], Any]] = {
        "order.amount": lambda: case.wish.amount,
        "order.total_amount": lambda: case.to_pay,
        "order.items.count": lambda: sum(line.quantity for line in case.wish.lines),
        "customer.is_new": lambda: case.is_new,
        "customer.metadata": lambda: {**case.kept, **case.wish.of_customer}.get(
            condition.named or ""
        ),
        "redemption.metadata": lambda: case.wish.metadata.get(condition.named or ""),
    }
    return finders[condition.name]()


def _compares(found: Any, operator: str, value: Any) -> bool:
    match operator:
        case "$is":
            return bool(found == value)
        case "$is_not":
            return bool(found != value)
        case "$more_than":
            return bool(found > value)
        case "$more_than_equal":
            return bool(found >= value)
        case "$less_than":
            return bool(found < value)
        case _:
            raise AssertionError(operator)


def _told(rule: Rule, condition: Condition, case: Case, *, wanted: bool) -> Why:
    told: dict[str, Any] = {"rule_id": rule.id, "rule": "A rule", "condition": condition.name}
    if condition.name.endswith(".metadata"):
        told["property"] = condition.named
    if rule.message is not None:
        told["message"] = rule.message
    if missing := _missing(condition, case.wish):
        return f"missing_{missing}", told | {"missing": missing}
    told["wanted"] = _wanted(condition) if wanted else f"not: {_wanted(condition)}"
    if condition.name not in UNTOLD and not condition.name.startswith("order.items.a"):
        told |= _what_was_found(condition, case, wanted=wanted)
    return f"{condition.name.split('.')[0]}_rules_violated", told


def _what_was_found(condition: Condition, case: Case, *, wanted: bool) -> dict[str, Any]:
    if condition.name == "order.items.none":  # one, or else none would be meant
        return {"found": f"product {condition.named}"} if wanted else {}
    found = _found(condition, case)
    told: dict[str, Any] = {"found": found}
    if wanted and condition.name in AMOUNTS and condition.operator.startswith("$more"):
        least = condition.value + (condition.operator == "$more_than")
        told["amount_short"] = least - found
    return told


def _wanted(condition: Condition) -> str:
    if condition.name in {"order.items.any", "order.items.none"}:
        return f"product {condition.named}"
    value = condition.value
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{condition.operator} {text}"
