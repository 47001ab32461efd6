"""Validation rules: what an order, a customer and a redemption have to be like.

A rule is a few named conditions and the logic between them. Logic that leaves one out, and
conditions that cannot be met together, are refused when they are written and not at a checkout.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field, model_validator

from contracts import logic
from contracts.contradictions import refuse_contradictions
from contracts.event import Identifier, Model
from contracts.logic import All, Leaf, Not, Tree
from contracts.rule_names import CUSTOMER_METADATA, NAMES, SEVERAL
from contracts.rule_nodes import Lines, Message, Node

MOST_NODES: Final = 50


class Expression(Model):
    """Conditions, and what they have to be together."""

    nodes: Annotated[tuple[Node, ...], Field(min_length=1, max_length=MOST_NODES)]
    logic: str

    @model_validator(mode="after")
    def _can_be_met(self) -> "Expression":
        check_logic(self.nodes, self.logic)
        return self


class Rule(Expression):
    """A validation rule. `message` is for who does not meet it, where no condition has its own.

    It holds for all codes of a campaign, or for these `vouchers` of it, by their ids. Deploy
    redemption first: an older one takes it for a rule of all, and refuses too much.
    """

    id: Identifier
    name: str
    message: Message | None = None
    vouchers: tuple[Identifier, ...] = ()


def check_logic(nodes: Iterable[Node], written: str) -> None:
    """Raise ValueError for logic that names what is not there, leaves out, or cannot be met."""
    known: dict[str, Node] = {}
    for node in nodes:
        if known.setdefault(node.key, node) is not node:
            raise ValueError(f"there are two conditions {node.key}")
    tree = logic.parse(written)
    named = set(logic.keys_of(tree))
    if unknown := sorted(named - known.keys()):
        raise ValueError(f"logic names {', '.join(unknown)[:200]}, which is no condition of it")
    if unused := sorted(known.keys() - named):
        raise ValueError(f"logic leaves out {', '.join(unused)[:200]}: it would have no effect")
    _refuse_contradictions(known, tree)


def refuse_lines_that_may_not_be(written: Expression) -> None:
    """Raise ValueError where a line has to be there that none may be.

    For what is just being written, and no validator: what collections hold is filled in where a
    campaign is published, and may come to contradict what did not.
    """
    met = {part.key for part in _conjuncts(logic.parse(written.logic)) if isinstance(part, Leaf)}
    lines = [
        (e.key, e.name, e.lines) for e in written.nodes if e.lines is not None and e.key in met
    ]
    for key, name, wanted in lines:
        for other, of, unwanted in lines:
            if of == "order.items.none" and name != of and _are_among(wanted, unwanted):
                both = f"{name}, {key} and {other}"
                raise ValueError(
                    f"{both}: nothing can meet both, lines are wanted that none may be"
                )


def segment_ids(rules: Iterable[Expression]) -> frozenset[str]:
    """Name all segments that these rules ask about."""
    return frozenset(
        str(value)
        for rule in rules
        for node in rule.nodes
        if node.name == "customer.segment"
        for condition in node.conditions
        for value in condition.values
    )


def ask_about_the_past(rules: Iterable[Expression]) -> bool:
    """Tell whether what a customer did before matters to these rules."""
    asked = {node.name for rule in rules for node in rule.nodes}
    return any(name.startswith("customer.") for name in asked - {CUSTOMER_METADATA})


def customer_properties(rules: Iterable[Expression]) -> frozenset[str]:
    """Name the customer's metadata that matters to these rules: what was sent, or else is kept."""
    nodes = [node for rule in rules for node in rule.nodes if node.name == CUSTOMER_METADATA]
    return frozenset([node.property for node in nodes if node.property is not None])


def _refuse_contradictions(known: Mapping[str, Node], tree: Tree) -> None:
    """Raise ValueError where conditions that all have to be met cannot be met together."""
    met, unmet = set[str](), set[str]()
    for part in _conjuncts(tree):
        match part:
            case Leaf(key):
                met.add(key)
            case Not(Leaf(key)):
                unmet.add(key)
            case _:
                pass
    if both := sorted(met & unmet):
        raise ValueError(f"logic wants {both[0]} met and not met")
    together: dict[tuple[str, str | None], list[Node]] = {}
    for key in sorted(met):
        node = known[key]
        together.setdefault((node.name, node.property), []).append(node)
    for (name, _), nodes in together.items():
        kind = NAMES[name]
        if len(nodes) > 1 and name not in SEVERAL:
            try:
                refuse_contradictions(kind, [c for node in nodes for c in node.conditions])
            except ValueError as error:
                keys = " and ".join([node.key for node in nodes])
                raise ValueError(f"{name}, {keys}: {error}") from error


def _are_among(some: Lines, others: Lines) -> bool:
    """Tell whether each line that is of some is certainly one of the others."""
    if some.excluded or others.excluded or not set(others.like) <= set(some.like):
        return False
    return not others.are_named or (
        some.are_named
        and set(some.products) <= set(others.products)
        and set(some.skus) <= set(others.skus)
        and set(some.collections) <= set(others.collections)
    )


def _conjuncts(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree, All):
        for part in tree.parts:
            yield from _conjuncts(part)
    else:
        yield tree
