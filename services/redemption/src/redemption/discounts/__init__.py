"""What coupons take off an order and its lines, and how they share it. Pure; minor units."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from contracts.baskets import Order
from contracts.discounts import FreeUnits
from contracts.terms import Terms
from redemption.discounts import items, units
from redemption.discounts.left import Left
from redemption.discounts.pieces import covered
from redemption.discounts.shares import divide
from redemption.discounts.whole import off_order
from redemption.outcomes import Line


class Discounted(NamedTuple):
    """What a code takes off in all, and off each line of the order."""

    minor: int
    lines: tuple[Line, ...] = ()


NOTHING: Final = Discounted(0)


def discounted(terms: Terms, order: Order | None, left: Left | None) -> Discounted:
    """Return what a code takes off what is left of an order; without one there is nothing.

    What comes off the order as a whole is divided among its lines in proportion to what is left of
    each: what all of them are discounted by is the discount.
    """
    if order is None or left is None:
        return NOTHING
    discount, for_some = terms.discount, terms.applicable_to
    if isinstance(discount, FreeUnits):
        return _of(units.lines(discount, order, left))
    if discount.effect != "APPLY_TO_ORDER":
        return _of(items.lines(discount, covered(for_some, order, left), order))
    lefts_minor = left.lines_minor
    if for_some:
        # Of an order the part that the discount is for.
        some = covered(for_some, order, left)
        left_of = dict(zip(some.lines, some.minors, strict=True))
        lefts_minor = [left_of.get(n, 0) for n in range(len(order.items))]
    base_minor = sum(lefts_minor) if for_some else left.order_minor
    off_minor = off_order(discount, base_minor, order.amount_minor)
    if not order.items:
        return Discounted(off_minor)
    shares = divide(off_minor, lefts_minor) if off_minor else [0] * len(order.items)
    return Discounted(
        off_minor,
        tuple(
            [
                Line(item.product_id, item.sku_id, item.quantity, item.amount_minor, share)
                for item, share in zip(order.items, shares, strict=True)
            ]
        ),
    )


def has_effect(discount_minor: int, lines: Sequence[Line]) -> bool:
    """Tell whether a code does anything for the order."""
    return discount_minor > 0 or any(line.free_units for line in lines)


def _of(lines: Sequence[Line]) -> Discounted:
    return Discounted(sum([line.discount_minor for line in lines]), tuple(lines))
