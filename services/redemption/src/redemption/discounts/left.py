"""What codes leave of an order for the next one. Pure; minor units."""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.baskets import Order
from redemption.outcomes import Line


class Left(NamedTuple):
    """What the codes before have left of an order, and of each of its lines, if it has any.

    Of each line so many units are free already.
    """

    order_minor: int
    lines_minor: Sequence[int] = ()
    free_units: Sequence[int] = ()


def all_of(order: Order | None) -> Left | None:
    """Return what there is of an order before the first code."""
    if order is None:
        return None
    items = order.items
    return Left(order.amount_minor, [item.amount_minor for item in items], [0] * len(items))


def after(left: Left | None, taken_minor: int, lines: Sequence[Line]) -> Left | None:
    """Return what is left behind a code."""
    if left is None:
        return None
    # Lines that a code adds stand behind those of the order, and nothing is left of them.
    sent = lines[: len(left.lines_minor)]
    return Left(
        left.order_minor - taken_minor,
        [m - line.discount_minor for m, line in zip(left.lines_minor, sent, strict=True)],
        [f + (line.free_units or 0) for f, line in zip(left.free_units, sent, strict=True)],
    )
