"""Which pieces of lines a discount is for, where it is not for all of them. Pure; minor units."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from contracts.baskets import Item, Order
from contracts.terms import ApplicableTo, Choice
from redemption.discounts.left import Left


class Part(NamedTuple):
    """So many pieces of a line, and what is left of them."""

    quantity: int
    minor: int


NO_PART: Final = Part(0, 0)


def parts(for_some: ApplicableTo, order: Order, left: Left) -> list[Part]:
    """Return of each line of an order the part that a discount is for."""
    if not for_some.choices:
        return [
            Part(item.quantity, minor) if for_some.covers(item.product_id, item.sku_id) else NO_PART
            for item, minor in zip(order.items, left.lines_minor, strict=True)
        ]
    found = [NO_PART] * len(order.items)
    of_choice: list[list[int]] = [[] for _ in for_some.choices]
    for n, item in enumerate(order.items):
        if for_some.covers(item.product_id, item.sku_id):
            which = for_some.choice_of(item.product_id, item.sku_id)
            if which is None:
                found[n] = Part(item.quantity, left.lines_minor[n])
            else:
                of_choice[which].append(n)
    for choice, lines in zip(for_some.choices, of_choice, strict=True):
        for n, quantity in _chosen(choice, lines, order.items, left):
            # Of what is left of a line, as much as these are of its pieces that are not free yet.
            paid = order.items[n].quantity - left.free_units[n]
            found[n] = Part(quantity, left.lines_minor[n] * quantity // paid)
    return found


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
