"""How an amount is divided. Pure; minor units."""

from collections.abc import Sequence


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
