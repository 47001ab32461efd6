"""What comes off single lines of an order: of each, or once and divided. Pure; minor units."""

from collections.abc import Sequence

from contracts.baskets import Order
from contracts.discounts import AmountOff, FixedPrice, PercentOff
from contracts.money import share
from redemption.discounts.pieces import Covered
from redemption.discounts.shares import divide, divide_within
from redemption.outcomes import Line


def lines(
    discount: AmountOff | PercentOff | FixedPrice, covered: Covered, order: Order
) -> list[Line]:
    """Return the order's lines with what comes off each; of those that it is not for, nothing."""
    off = _off(discount, covered.minors, covered.quantities, order.amount_minor)
    of_line = dict(zip(covered.lines, off, strict=True))
    return [
        Line(each.product_id, each.sku_id, each.quantity, each.amount_minor, of_line.get(n, 0), 0)
        for n, each in enumerate(order.items)
    ]


def _off(
    discount: AmountOff | PercentOff | FixedPrice,
    left_minor: Sequence[int],
    quantities: Sequence[int],
    order_minor: int,
) -> list[int]:
    """Return what comes off each of these lines, never more than is left of it."""
    if not left_minor:
        return []
    match discount:
        case AmountOff():
            off = _amount_off(discount, left_minor, quantities, order_minor)
            return _together(off, discount.most_together_minor)
        case PercentOff():
            off = [share(left, discount.basis_points) for left in left_minor]
            if discount.most_minor is not None:
                off = [min(each, discount.most_minor) for each in off]
            return _together(off, discount.most_together_minor)
        case FixedPrice():
            # Of what has no units none costs more than the price.
            return [
                max(0, left - discount.price_minor * quantity) if quantity else 0
                for left, quantity in zip(left_minor, quantities, strict=True)
            ]


def _together(off: list[int], most_minor: int | None) -> list[int]:
    """Cut down what comes off all lines together, in proportion."""
    return off if most_minor is None or sum(off) <= most_minor else divide(most_minor, off)


def _amount_off(
    discount: AmountOff, left_minor: Sequence[int], quantities: Sequence[int], order_minor: int
) -> list[int]:
    amount = discount.amount_for(order_minor)
    once = min(amount, sum(left_minor))
    match discount.effect:
        case "APPLY_TO_ITEMS_BY_QUANTITY":
            return [
                min(amount * quantity, left)
                for left, quantity in zip(left_minor, quantities, strict=True)
            ]
        case "APPLY_TO_ITEMS_PROPORTIONALLY":
            return divide_within(once, left_minor, left_minor)
        case "APPLY_TO_ITEMS_PROPORTIONALLY_BY_QUANTITY":
            return divide_within(once, quantities, left_minor)
        case _:
            return [min(amount, left) for left in left_minor]
