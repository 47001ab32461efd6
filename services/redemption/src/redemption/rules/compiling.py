"""Makes of a campaign's rules what judges a case.

A condition holds, does not, or is not known, because what it needs was not sent; `and`, `or` and
`not` go on as in Kleene's logic, and only what holds passes. So a rule that one branch meets asks
for nothing that another one would need, and what is not known is no way round a `not`.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import tzinfo
from typing import NamedTuple, TypeAlias

from contracts import logic
from contracts.logic import All, Leaf, Not, Some, Tree
from contracts.redemptions import Reason
from contracts.rule_names import LINES
from contracts.rule_nodes import Node
from contracts.rules import Rule
from redemption.model import Case, Judge, Refusal
from redemption.rules import telling
from redemption.rules.conditions import Holds, compiled
from redemption.rules.lines import Found, enough_lines, found_lines
from redemption.rules.values import Missing, Situation, finder, items_of, missing_items

Test: TypeAlias = Callable[[Situation], bool | Missing]
Value: TypeAlias = Callable[[Situation], bool | None]  # None where that is not known
Blame: TypeAlias = Callable[[Situation, bool], tuple[str, bool]]


class Branch(NamedTuple):
    """A part of a tree: whether it holds, and the first condition by which it is as it is.

    That comes with whether the condition should have held, where the branch was wanted to.
    """

    value: Value
    blame: Blame


class Compiled(NamedTuple):
    """A rule, ready to be asked: nothing of it is looked up at a decision."""

    rule: Rule
    tree: Branch
    nodes: Mapping[str, Node]
    tests: Mapping[str, Test]
    found: Mapping[str, Found]  # of those about lines: by which a condition does not hold


def compile_rules(rules: Sequence[Rule], zone: tzinfo) -> Judge | None:
    """Return what judges a case by all rules that hold for its code; None where there are none.

    Those of all codes come first. However many codes have rules of their own, a case meets its own.
    """
    if not rules:
        return None
    of_all: list[Compiled] = []
    of_codes: dict[str, list[Compiled]] = {}
    for rule in rules:
        compiled_rule = _compile(rule, zone)
        if not rule.vouchers:
            of_all.append(compiled_rule)
        for voucher_id in rule.vouchers:
            of_codes.setdefault(voucher_id, []).append(compiled_rule)
    ready = {voucher_id: [*of_all, *own] for voucher_id, own in of_codes.items()}

    def judge(case: Case, discount_minor: int, passing_over: AbstractSet[Reason]) -> Refusal | None:
        situation = Situation(case, discount_minor)
        for each in ready.get(case.offer.voucher.id, of_all):
            refusal = _refusal(each, situation)
            if refusal is not None and refusal.reason not in passing_over:
                return refusal
        return None

    return judge


def _compile(rule: Rule, zone: tzinfo) -> Compiled:
    tests = {node.key: _test(node, zone) for node in rule.nodes}
    tree = _branch(logic.parse(rule.logic), tests)
    found = {
        node.key: found_lines(node, node.lines, zone)
        for node in rule.nodes
        if node.lines is not None
    }
    return Compiled(rule, tree, {node.key: node for node in rule.nodes}, tests, found)


def _refusal(rule: Compiled, situation: Situation) -> Refusal | None:
    if rule.tree.value(situation) is True:
        return None
    key, wanted = rule.tree.blame(situation, True)
    node, result = rule.nodes[key], rule.tests[key](situation)
    if isinstance(result, Missing):
        return telling.of_missing(rule.rule, node, result)
    found = None
    if wanted and key in rule.found:
        found = rule.found[key](items_of(situation), situation.case.request.at)
    return telling.of_violated(rule.rule, node, situation, wanted=wanted, of_lines=found)


def _branch(tree: Tree, tests: Mapping[str, Test]) -> Branch:
    match tree:
        case Leaf(key):
            return _leaf(key, tests[key])
        case Not(of):
            return _opposite(_branch(of, tests))
        case All(parts):
            return _together([_branch(part, tests) for part in parts], decides=False)
        case Some(parts):
            return _together([_branch(part, tests) for part in parts], decides=True)


def _leaf(key: str, test: Test) -> Branch:
    def value(of: Situation) -> bool | None:
        found = test(of)
        return None if isinstance(found, Missing) else found

    return Branch(value, lambda _of, wanted: (key, wanted))


def _opposite(branch: Branch) -> Branch:
    def value(of: Situation) -> bool | None:
        found = branch.value(of)
        return None if found is None else not found

    return Branch(value, lambda of, wanted: branch.blame(of, not wanted))


def _together(parts: Sequence[Branch], *, decides: bool) -> Branch:
    """Return what has the value that one part decides; else, if all are known, the other one."""
    values = [part.value for part in parts]

    def value(of: Situation) -> bool | None:
        all_are_known = True
        for each in values:
            found = each(of)
            if found is decides:
                return decides
            all_are_known = all_are_known and found is not None
        return not decides if all_are_known else None

    def blame(of: Situation, wanted: bool) -> tuple[str, bool]:
        whole = value(of)
        first = next(part for part in parts if part.value(of) is whole)
        return first.blame(of, wanted)

    return Branch(value, blame)


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
