"""What comes off an amount as a whole: an order, or a line of it. Pure; minor units."""

from contracts.money import share
from contracts.terms import AmountOff, Discount, FixedPrice, PercentOff


def off_order(discount: Discount, left_minor: int) -> int:
    """Return the discount on what is left of an order: never more than that.

    Percentages round half up.
    """
    match discount:
        case AmountOff():
            return min(discount.amount_off_minor, left_minor)
        case PercentOff():
            off = share(left_minor, discount.basis_points)
            return off if discount.most_minor is None else min(off, discount.most_minor)
        case FixedPrice():
            return max(0, left_minor - discount.price_minor)
