"""The conditions that validation rules are made of: of an order's lines, and of everything else.

What could never be met, and what would have no effect, is refused when it is written and not at a
checkout.
"""

from collections.abc import Iterable
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, model_validator

from contracts.conditions import Condition, Kind, refuse_wrong_kind
from contracts.contradictions import refuse_contradictions
from contracts.event import Identifier, Model
from contracts.rule_names import (
    AGGREGATED,
    CHANNELS,
    EQUALITIES,
    LINE_NAMES,
    LINES,
    NAMES,
    WITH_PROPERTY,
)

MOST_LINE_CONDITIONS: Final = 10
MOST_PRODUCTS: Final = 1_000  # with the SKUs of products, and those of collections
MOST_COLLECTIONS: Final = 20
LONGEST_MESSAGE: Final = 500

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
