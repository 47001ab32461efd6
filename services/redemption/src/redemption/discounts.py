"""What a coupon takes off an order. Pure; minor units."""

from contracts.campaigns import AmountOff, PercentOff
from contracts.money import share


def take_off(discount: AmountOff | PercentOff, order_minor: int | None) -> int:
    """Return the discount on an order of this value: never more than the order.

    Without an order there is nothing to take it off. Percentages round half up.
    """
    if order_minor is None:
        return 0
    match discount:
        case AmountOff():
            return min(discount.amount_off_minor, order_minor)
        case PercentOff():
            return share(order_minor, discount.basis_points)
