"""What coupons take off an order and its lines, and how they share it. Pure; minor units."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from contracts.baskets import Order
from contracts.terms import Terms
from redemption.discounts.shares import divide
from redemption.discounts.whole import off_order
from redemption.model import Line


class Left(NamedTuple):
    """What the codes before have left of an order, and of each of its lines, if it has any."""

    order_minor: int
    lines_minor: Sequence[int] = ()


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
    off_minor = off_order(terms.discount, left.order_minor)
    if not order.items:
        return Discounted(off_minor)
    shares = divide(off_minor, left.lines_minor) if off_minor else [0] * len(order.items)
    return Discounted(
        off_minor,
        tuple(
            [
                Line(item.product_id, item.sku_id, item.quantity, item.amount_minor, share)
                for item, share in zip(order.items, shares, strict=True)
            ]
        ),
    )


def all_of(order: Order | None) -> Left | None:
    """Return what there is of an order before the first code."""
    if order is None:
        return None
    return Left(order.amount_minor, [item.amount_minor for item in order.items])


def after(left: Left | None, taken_minor: int, lines: Sequence[Line]) -> Left | None:
    """Return what is left behind a code."""
    if left is None:
        return None
    # Lines that a code adds stand behind those of the order, and nothing is left of them.
    lines_minor = [
        minor - line.discount_minor for minor, line in zip(left.lines_minor, lines, strict=False)
    ]
    return Left(left.order_minor - taken_minor, lines_minor)
