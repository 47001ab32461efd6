"""Which pieces of lines a discount is for, where it is not for all of them. Pure; minor units."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from contracts.baskets import Item, Order
from contracts.targets import ApplicableTo, Choice
from redemption.discounts.left import Left


class Covered(NamedTuple):
    """Lines by their places in the order, how many pieces of each, and what is left of these."""

    lines: Sequence[int]
    quantities: Sequence[int]
    minors: Sequence[int]


def covered(for_some: ApplicableTo, order: Order, left: Left) -> Covered:
    """Return what of an order's lines a discount is for."""
    items = order.items
    lines = [n for n, each in enumerate(items) if for_some.covers(each.product_id, each.sku_id)]
    if for_some.choices:
        return _of_choices(for_some, lines, items, left)
    return Covered(lines, [items[n].quantity for n in lines], [left.lines_minor[n] for n in lines])


def _of_choices(
    for_some: ApplicableTo, lines: Sequence[int], items: Sequence[Item], left: Left
) -> Covered:
    found: dict[int, tuple[int, int]] = {}
    of_choice: list[list[int]] = [[] for _ in for_some.choices]
    for n in lines:
        which = for_some.choice_of(items[n].product_id, items[n].sku_id)
        if which is None:
            found[n] = items[n].quantity, left.lines_minor[n]
        else:
            of_choice[which].append(n)
    for choice, its_lines in zip(for_some.choices, of_choice, strict=True):
        for n, quantity in _chosen(choice, its_lines, items, left):
            # Of what is left of a line, as much as these are of its pieces that are not free yet.
            paid = items[n].quantity - left.free_units[n]
            found[n] = quantity, left.lines_minor[n] * quantity // paid
    places = sorted(found)
    return Covered(places, [found[n][0] for n in places], [found[n][1] for n in places])


def _chosen(
    choice: Choice, lines: Sequence[int], items: Sequence[Item], left: Left
) -> Iterator[tuple[int, int]]:
    """Return the lines, and how many pieces of each; of equal prices the first line comes first."""
    paid = {n: items[n].quantity - left.free_units[n] for n in lines}
    there = [n for n in lines if paid[n] > 0]
    if choice.by.endswith("CHEAPEST"):
        there.sort(key=lambda n: Fraction(items[n].amount_minor, items[n].quantity))
    elif choice.by.endswith("MOST_EXPENSIVE"):
        there.sort(key=lambda n: -Fraction(items[n].amount_minor, items[n].quantity))
    if choice.by.startswith("APPLY_TO_") and choice.by != "APPLY_TO_EVERY":
        del there[1:]
    rest = choice.most
    for n in there:
        most = [paid[n], *(m for m in (choice.most_of_line, rest) if m is not None)]
        if not (quantity := min(most)):
            return
        yield n, quantity
        rest = None if rest is None else rest - quantity
