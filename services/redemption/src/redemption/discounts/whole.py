"""What comes off an order as a whole. Pure; minor units."""

from contracts.discounts import AmountOff, FixedPrice, PercentOff
from contracts.money import share


def off_order(
    discount: AmountOff | PercentOff | FixedPrice, left_minor: int, order_minor: int
) -> int:
    """Return the discount on what is left of an order: never more than that.

    Percentages round half up. Tiers go by what the order came to before any coupon.
    """
    match discount:
        case AmountOff():
            return min(discount.amount_for(order_minor), left_minor)
        case PercentOff():
            off = share(left_minor, discount.basis_points)
            return off if discount.most_minor is None else min(off, discount.most_minor)
        case FixedPrice():
            return max(0, left_minor - discount.price_minor)
