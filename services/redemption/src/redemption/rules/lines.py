"""Which lines of an order a condition is about, and whether enough of them are."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import TypeAlias

from contracts.baskets import Item
from contracts.rule_names import AGGREGATED
from contracts.rule_nodes import LineCondition, Lines, Node
from redemption.rules.conditions import Holds, compiled
from redemption.rules.values import price_of

Matches: TypeAlias = Callable[[Item, datetime], bool]
Enough: TypeAlias = Callable[[Sequence[Item], datetime], bool]
Found: TypeAlias = Callable[[Sequence[Item], datetime], str]


def enough_lines(node: Node, lines: Lines, zone: tzinfo) -> Enough:
    """Return what tells whether enough lines of an order are those that are meant."""
    matches = _matcher(lines, zone)
    match node.name:
        case "order.items.every":
            return lambda items, at: all(matches(item, at) for item in items)
        case "order.items.none":
            return lambda items, at: not any(matches(item, at) for item in items)
        case "order.items.cheapest":
            return lambda items, at: any(matches(i, at) for i in _at(items, min))
        case "order.items.most_expensive":
            return lambda items, at: any(matches(i, at) for i in _at(items, max))
        case _:
            together = [_sum(each, zone) for each in lines.like if each.name in AGGREGATED]

            def some(items: Sequence[Item], at: datetime) -> bool:
                found = [item for item in items if matches(item, at)]
                return bool(found) and all(test(found, at) for test in together)

            return some


def found_lines(node: Node, lines: Lines, zone: tzinfo) -> Found:
    """Return what names the lines by which a condition does not hold, or the sum that is too much.

    Or too little. It is empty where what is wanted is simply not there.
    """
    matches = _matcher(lines, zone)
    match node.name:
        case "order.items.every":
            return lambda items, at: _named([i for i in items if not matches(i, at)])
        case "order.items.none":
            return lambda items, at: _named([i for i in items if matches(i, at)])
        case "order.items.cheapest":
            return lambda items, _: _named(_at(items, min))
        case "order.items.most_expensive":
            return lambda items, _: _named(_at(items, max))
        case _:
            sums = [(each, _sum(each, zone)) for each in lines.like if each.name in AGGREGATED]

            def total(items: Sequence[Item], at: datetime) -> str:
                found = [item for item in items if matches(item, at)]
                wrong = (of.name for of, holds in sums if found and not holds(found, at))
                return next((f"{name} {_total(name, found)}" for name in wrong), "")

            return total


def _named(items: Sequence[Item]) -> str:
    return ", ".join(
        dict.fromkeys(
            f"product {i.product_id}" if i.sku_id is None else f"SKU {i.sku_id} of {i.product_id}"
            for i in items
        )
    )


def _at(items: Sequence[Item], end: Callable[[Sequence[float]], float]) -> list[Item]:
    """Return the lines whose pieces cost least, or most: several where they cost the same."""
    prices = [price_of(item) for item in items]
    extreme = end(prices)
    return [item for item, price in zip(items, prices, strict=True) if price == extreme]


def _matcher(lines: Lines, zone: tzinfo) -> Matches:
    products, skus = frozenset(lines.products), frozenset(lines.skus)
    named = lines.are_named
    tests = [_of_line(each, zone) for each in lines.like if each.name not in AGGREGATED]

    def matches(item: Item, at: datetime) -> bool:
        if named and (item.product_id in products or item.sku_id in skus) == lines.excluded:
            return False
        return all(test(item, at) for test in tests)

    return matches


def _of_line(condition: LineCondition, zone: tzinfo) -> Matches:
    holds = compiled(condition.conditions, zone)
    name = condition.property or ""
    match condition.name:
        case "order.items.price":
            return lambda item, at: holds(price_of(item), at)
        case "order.items.quantity":
            return lambda item, at: holds(item.quantity, at)
        case _:
            return lambda item, at: holds(item.metadata.get(name), at)


def _sum(condition: LineCondition, zone: tzinfo) -> Enough:
    holds: Holds = compiled(condition.conditions, zone)
    return lambda items, at: holds(_total(condition.name, items), at)


def _total(name: str, items: Sequence[Item]) -> int:
    if name == "order.items.aggregated_quantity":
        return sum([item.quantity for item in items])
    return sum([item.amount_minor for item in items])
