"""Validation rules: what an order, a customer and a redemption have to be like.

A rule is a few named conditions and the logic between them. What could never be met, and what would
have no effect, is refused when it is written and not at a checkout. `NAMES` is all that can be
asked; a new name is a line there, and its value in `redemption.found`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, model_validator

from contracts import logic
from contracts.conditions import Condition, Kind, refuse_wrong_kind
from contracts.contradictions import refuse_contradictions
from contracts.event import Identifier, Model
from contracts.logic import All, Leaf, Not, Tree

MOST_NODES: Final = 50
MOST_LINE_CONDITIONS: Final = 10
MOST_PRODUCTS: Final = 1_000  # with the SKUs of products, and those of collections
MOST_COLLECTIONS: Final = 20
LONGEST_MESSAGE: Final = 500

LINES: Final = frozenset(
    {
        "order.items.any",
        "order.items.every",
        "order.items.none",
        "order.items.cheapest",
        "order.items.most_expensive",
    }
)
CUSTOMER_METADATA: Final = "customer.metadata"
WITH_PROPERTY: Final = frozenset(
    {
        "order.metadata",
        "order.items.metadata_any",
        "order.items.metadata_each",
        CUSTOMER_METADATA,
        "redemption.metadata",
        "order.items.metadata",
    }
)
NAMES: Final[Mapping[str, Kind]] = {
    "order.amount": "number",
    "order.initial_amount": "number",
    "order.total_amount": "number",
    "order.metadata": "any",
    "order.items.count": "number",
    "order.items.price_any": "number",
    "order.items.price_each": "number",
    "order.items.metadata_any": "any",
    "order.items.metadata_each": "any",
    **dict.fromkeys(sorted(LINES), "any"),
    "customer.segment": "any",  # of several values
    "customer.is_new": "flag",
    CUSTOMER_METADATA: "any",
    "redemption.metadata": "any",
    "redemption.api_key": "text",
    "redemption.channel": "text",
}
LINE_NAMES: Final[Mapping[str, Kind]] = {
    "order.items.price": "number",
    "order.items.quantity": "number",
    "order.items.metadata": "any",
    "order.items.aggregated_quantity": "number",
    "order.items.aggregated_amount": "number",
}
AGGREGATED: Final = frozenset({"order.items.aggregated_quantity", "order.items.aggregated_amount"})
CHANNELS: Final = frozenset({"API", "USER", "KAFKA"})
EQUALITIES: Final = frozenset({"$is", "$is_not", "$in", "$not_in"})

_NOT_NEGATIVE: Final = Condition(operator="$more_than_equal", values=(0,))

Message = Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE, pattern=r"^[^\x00]+$")]
Conditions: TypeAlias = Annotated[tuple[Condition, ...], Field(max_length=20)]


class LineCondition(Model):
    """What a line has to be like, or all lines together that are like this."""

    name: Literal[
        "order.items.price",
        "order.items.quantity",
        "order.items.metadata",
        "order.items.aggregated_quantity",
        "order.items.aggregated_amount",
    ]
    property: Identifier | None = None
    conditions: Conditions

    @model_validator(mode="after")
    def _can_be_met(self) -> "LineCondition":
        _check(self.name, self.property, LINE_NAMES[self.name], self.conditions)
        return self


class Lines(Model):
    """Which lines of an order: of these products or SKUs (or of all others), and like this.

    Products and SKUs are named by whatever id lines name them by, and those of `collections` are
    among them where a campaign is published. Where none is named, it is any line.
    """

    products: Annotated[tuple[Identifier, ...], Field(max_length=MOST_PRODUCTS)] = ()
    skus: Annotated[tuple[Identifier, ...], Field(max_length=MOST_PRODUCTS)] = ()
    collections: Annotated[tuple[Identifier, ...], Field(max_length=MOST_COLLECTIONS)] = ()
    excluded: bool = False
    like: Annotated[tuple[LineCondition, ...], Field(max_length=MOST_LINE_CONDITIONS)] = ()

    @property
    def are_named(self) -> bool:
        """Whether products, SKUs or collections are."""
        return bool(self.products or self.skus or self.collections)


class Node(Model):
    """A named condition, known in its rule by `key`. `message` is for who does not meet it."""

    key: Identifier
    name: Literal[
        "order.amount",
        "order.initial_amount",
        "order.total_amount",
        "order.metadata",
        "order.items.count",
        "order.items.price_any",
        "order.items.price_each",
        "order.items.metadata_any",
        "order.items.metadata_each",
        "order.items.any",
        "order.items.every",
        "order.items.none",
        "order.items.cheapest",
        "order.items.most_expensive",
        "customer.segment",
        "customer.is_new",
        "customer.metadata",
        "redemption.metadata",
        "redemption.api_key",
        "redemption.channel",
    ]
    property: Identifier | None = None
    conditions: Conditions = ()
    lines: Lines | None = None
    message: Message | None = None

    @model_validator(mode="after")
    def _can_be_met(self) -> "Node":
        if self.name in LINES:
            _check_lines(self)
            return self
        if self.lines is not None:
            raise ValueError(f"{self.name} is of no lines")
        _check(self.name, self.property, NAMES[self.name], self.conditions)
        if self.name == "redemption.channel":
            _check_channels(self.conditions)
        if self.name == "customer.segment":
            _check_segments(self.conditions)
        return self


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

    It holds for all codes of a campaign, or for these `vouchers` of it, by their ids.
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


def _check(name: str, property_: str | None, kind: Kind, conditions: tuple[Condition, ...]) -> None:
    if not conditions:
        raise ValueError(f"{name} has no conditions")
    if (property_ is not None) != (name in WITH_PROPERTY):
        wanted = "needs the name of a property" if property_ is None else "has no properties"
        raise ValueError(f"{name} {wanted}")
    try:
        refuse_wrong_kind(kind, conditions)
        # No amount, no price and no quantity is negative.
        bounded = (*conditions, _NOT_NEGATIVE) if kind == "number" else conditions
        refuse_contradictions(kind, bounded)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _check_lines(node: Node) -> None:
    lines = node.lines
    if node.conditions or node.property is not None:
        raise ValueError(f"{node.name} asks for lines and nothing beside")
    if lines is None or not (lines.are_named or lines.like):
        raise ValueError(f"{node.name} has no conditions: name products, or what lines are like")
    if lines.excluded and not lines.are_named:
        raise ValueError(f"{node.name} leaves out no products")
    if node.name != "order.items.any":
        for each in lines.like:
            if each.name in AGGREGATED:
                raise ValueError(f"{each.name} is of order.items.any alone, not of {node.name}")


def _check_segments(conditions: Iterable[Condition]) -> None:
    for condition in conditions:
        if condition.operator not in EQUALITIES:
            raise ValueError("customer.segment is compared by $is, $is_not, $in and $not_in alone")
        if not all(isinstance(value, str) and value for value in condition.values):
            raise ValueError("customer.segment is compared with ids of segments")


def _check_channels(conditions: Iterable[Condition]) -> None:
    for condition in conditions:
        if condition.operator not in EQUALITIES or not CHANNELS.issuperset(condition.values):
            raise ValueError(f"redemption.channel is compared with {', '.join(sorted(CHANNELS))}")


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


# Of which an order or a customer has several values: each condition may be met by another one.
SEVERAL: Final = frozenset(
    {*LINES, "order.items.price_any", "order.items.metadata_any", "customer.segment"}
)


def _conjuncts(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree, All):
        for part in tree.parts:
            yield from _conjuncts(part)
    else:
        yield tree
