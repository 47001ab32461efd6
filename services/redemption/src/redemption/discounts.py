"""What coupons take off an order, and how they share it. Pure; minor units."""

from collections.abc import Sequence

from contracts.money import share
from contracts.terms import AmountOff, Discount, FixedPrice, PercentOff


def apply_discount(discount: Discount, order_left_minor: int | None) -> int:
    """Return the discount on what is left of an order: never more than that.

    Without an order there is nothing to take it off. Percentages round half up.
    """
    if order_left_minor is None:
        return 0
    match discount:
        case AmountOff():
            return min(discount.amount_off_minor, order_left_minor)
        case PercentOff():
            off = share(order_left_minor, discount.basis_points)
            return off if discount.most_minor is None else min(off, discount.most_minor)
        case FixedPrice():
            return max(0, order_left_minor - discount.price_minor)


def divide(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to the weights, equally where all are 0; the sum is exact.

    By largest remainder (Hamilton's method): each gets its share rounded down, and the units that
    are left go to the largest fractions, of equal ones to the first.
    """
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    shares = [amount_minor * weight // total for weight in weights]
    fractions = [amount_minor * weight % total for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda i: -fractions[i])
    for i in by_fraction[: amount_minor - sum(shares)]:
        shares[i] += 1
    return shares
