"""Makes of a campaign's rules what judges a case.

A condition holds, does not, or is not known, because what it needs was not sent; `and`, `or` and
`not` go on as in Kleene's logic, and only what holds passes. So a rule that one branch meets asks
for nothing that another one would need, and what is not known is no way round a `not`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import NamedTuple, TypeAlias

from contracts import logic
from contracts.logic import All, Leaf, Not, Some, Tree
from contracts.rules import LINES, Node, Rule
from redemption.conditions import Holds, compiled
from redemption.model import Case, Judge, Refusal
from redemption.rules import telling
from redemption.rules.lines import enough_lines
from redemption.rules.values import Missing, Situation, finder, items_of, missing_items

Test: TypeAlias = Callable[[Situation], bool | Missing]


class Found(dict[str, bool | Missing]):
    """What conditions come to, each asked when it is looked at: the rest are spared."""

    def __init__(self, tests: Mapping[str, Test], situation: Situation) -> None:
        super().__init__()
        self._tests, self._situation = tests, situation

    def __missing__(self, key: str) -> bool | Missing:
        found = self[key] = self._tests[key](self._situation)
        return found


class Compiled(NamedTuple):
    """A rule, ready to be asked."""

    rule: Rule
    tree: Tree
    nodes: Mapping[str, Node]
    tests: Mapping[str, Test]


def compile_rules(rules: Sequence[Rule], zone: tzinfo) -> Judge | None:
    """Return what judges a case by all of these rules; None where there are none."""
    if not rules:
        return None
    ready = [_compile(rule, zone) for rule in rules]

    def judge(case: Case, discount_minor: int) -> Refusal | None:
        situation = Situation(case, discount_minor)
        for each in ready:
            refusal = _refusal(each, situation)
            if refusal is not None:
                return refusal
        return None

    return judge


def _compile(rule: Rule, zone: tzinfo) -> Compiled:
    return Compiled(
        rule,
        logic.parse(rule.logic),
        {node.key: node for node in rule.nodes},
        {node.key: _test(node, zone) for node in rule.nodes},
    )


def _refusal(rule: Compiled, situation: Situation) -> Refusal | None:
    found = Found(rule.tests, situation)
    if _value(rule.tree, found) is True:
        return None
    key, wanted = _to_blame(rule.tree, found, wanted=True)
    node, result = rule.nodes[key], found[key]
    if isinstance(result, Missing):
        return telling.of_missing(rule.rule, node, result)
    return telling.of_violated(rule.rule, node, situation, wanted=wanted)


def _value(tree: Tree, found: Found) -> bool | None:
    """Return whether it holds; None where that is not known."""
    match tree:
        case Leaf(key):
            result = found[key]
            return None if isinstance(result, Missing) else result
        case Not(of):
            value = _value(of, found)
            return None if value is None else not value
        case All(parts):
            return _until(parts, found, decides=False)
        case Some(parts):
            return _until(parts, found, decides=True)


def _until(parts: Sequence[Tree], found: Found, *, decides: bool) -> bool | None:
    """Return the value that one part decides; else, if all are known, the other one."""
    all_known = True
    for part in parts:
        value = _value(part, found)
        if value is decides:
            return decides
        all_known = all_known and value is not None
    return not decides if all_known else None


def _to_blame(tree: Tree, found: Found, *, wanted: bool) -> tuple[str, bool]:
    """Return the first condition by which it is as it is, and whether that should have held."""
    match tree:
        case Leaf(key):
            return key, wanted
        case Not(of):
            return _to_blame(of, found, wanted=not wanted)
        case All(parts) | Some(parts):
            value = _value(tree, found)
            first = next(part for part in parts if _value(part, found) is value)
            return _to_blame(first, found, wanted=wanted)


def _test(node: Node, zone: tzinfo) -> Test:
    if node.name in LINES and node.lines is not None:
        enough = enough_lines(node, node.lines, zone)
        return lambda of: missing_items(of) or enough(items_of(of), of.case.request.at)
    find, holds = finder(node), _holds(node, zone)

    def test(of: Situation) -> bool | Missing:
        value = find(of)
        return value if isinstance(value, Missing) else holds(value, of.case.request.at)

    return test


def _holds(node: Node, zone: tzinfo) -> Holds:
    match node.name:
        case "customer.segment":
            return _of_segments(node)
        case "order.items.price_any" | "order.items.metadata_any":
            of_one = compiled(node.conditions, zone)
            return lambda values, at: any(of_one(value, at) for value in _list(values))
        case "order.items.price_each" | "order.items.metadata_each":
            of_one = compiled(node.conditions, zone)
            return lambda values, at: all(of_one(value, at) for value in _list(values))
        case _:
            return compiled(node.conditions, zone)


def _of_segments(node: Node) -> Holds:
    """Compare all segments that a customer is in: with `$is` in one of these, or else in none."""
    wanted = [
        (frozenset(map(str, each.values)), each.operator in {"$is", "$in"})
        for each in node.conditions
    ]

    def holds(segments: object, _at: object) -> bool:
        of_customer = segments if isinstance(segments, frozenset) else frozenset()
        return all((not ids.isdisjoint(of_customer)) is within for ids, within in wanted)

    return holds


def _list(values: object) -> list[object]:
    return values if isinstance(values, list) else []
