"""What is said to who does not meet a rule: which condition, what it wanted, and what was found."""

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from contracts.conditions import Condition
from contracts.redemptions import Reason
from contracts.rule_nodes import LineCondition, Lines, Node
from contracts.rules import Rule
from redemption.model import Refusal
from redemption.rules.values import Missing, Situation, finder

LONGEST: Final = 200  # of what is told of a value: it is kept with every refusal
AMOUNTS: Final = frozenset({"order.amount", "order.initial_amount", "order.total_amount"})
# What is kept of a refusal outlasts a person's data, and is told on Kafka: it would tell of them.
UNTOLD: Final = frozenset(
    {
        "customer.metadata",
        "customer.segment",
        "order.items.metadata_any",
        "order.items.metadata_each",
        "order.metadata",
        "redemption.metadata",
    }
)

_REASONS: Final[Mapping[str, Reason]] = {
    "order": Reason.ORDER_RULES_VIOLATED,
    "customer": Reason.CUSTOMER_RULES_VIOLATED,
    "redemption": Reason.REDEMPTION_RULES_VIOLATED,
}


def of_missing(rule: Rule, node: Node, missing: Missing) -> Refusal:
    """Say what a condition needs that was not sent."""
    said = f"{_subject(node)} is asked for by the validation rule {rule.id}"
    return Refusal(missing.reason, said, {"missing": missing.what, **_named(rule, node)})


def of_violated(
    rule: Rule,
    node: Node,
    situation: Situation,
    *,
    wanted: bool,
    of_lines: str | None = None,
) -> Refusal:
    """Say which condition did not hold, or held where it should not.

    Of one about lines `of_lines` says which they are; never what else was sent of them.
    """
    would_pass: dict[str, str | int] = dict(_named(rule, node))
    would_pass["wanted"] = _cut(_wanted(node) if wanted else f"not: {_wanted(node)}")
    if node.lines is None and node.name not in UNTOLD:
        value = finder(node)(situation)
        would_pass["found"] = _found(value)
        if wanted and node.name in AMOUNTS and (short := _short(node, value)):
            would_pass["amount_short"] = short
    if of_lines:
        would_pass["found"] = _cut(of_lines)
    said = (
        f"{_subject(node)} has to be {would_pass['wanted']}; violated validation rules: {rule.id}"
    )
    return Refusal(_REASONS[node.name.partition(".")[0]], said, would_pass)


def _named(rule: Rule, node: Node) -> dict[str, str]:
    named = {"rule_id": rule.id, "rule": rule.name, "condition": node.name}
    if node.property is not None:
        named["property"] = node.property
    message = node.message or rule.message
    if message is not None:
        named["message"] = message
    return named


def _subject(node: Node) -> str:
    return node.name if node.property is None else f"{node.name} {node.property}"


def _wanted(node: Node) -> str:
    if node.lines is not None:
        return _of_lines(node.lines)
    return " and ".join([_of(each) for each in node.conditions])


def _of(condition: Condition) -> str:
    values = ", ".join([_text(value) for value in condition.values])
    return f"{condition.operator} {values}".rstrip()


def _of_lines(lines: Lines) -> str:
    named = [f"a product of {each}" for each in lines.collections]
    named += [*(f"product {each}" for each in lines.products), *(f"SKU {s}" for s in lines.skus)]
    parts = [("not " if lines.excluded else "") + " or ".join(named)] if named else []
    return " with ".join(parts + [_like(each) for each in lines.like])


def _like(condition: LineCondition) -> str:
    name = (
        condition.name if condition.property is None else f"{condition.name} {condition.property}"
    )
    return f"{name} {' and '.join([_of(each) for each in condition.conditions])}"


def _found(value: object) -> str | int:
    if isinstance(value, int):  # a yes or no is one, too
        return value
    return _cut(_text(value))


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _short(node: Node, value: object) -> int:
    """Return how much an amount is less than it has to be."""
    if not isinstance(value, int):
        return 0
    short = 0
    for each in node.conditions:
        bound = each.values[0] if each.values else None
        if isinstance(bound, str) or bound is None:
            continue
        if each.operator == "$more_than_equal":
            short = max(short, math.ceil(bound) - value)
        elif each.operator == "$more_than":
            short = max(short, math.floor(bound) + 1 - value)
    return short
