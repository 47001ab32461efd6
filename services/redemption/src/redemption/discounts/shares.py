"""How an amount is divided. Pure; minor units."""

from collections.abc import Sequence


def divide(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to the weights, equally where all are 0; the sum is exact.

    By largest remainder (Hamilton's method): each gets its share rounded down, and the units that
    are left go to the largest fractions, of equal ones to the first.
    """
    if len(weights) == 1:
        return [amount_minor]
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    shares = [amount_minor * weight // total for weight in weights]
    fractions = [amount_minor * weight % total for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda i: -fractions[i])
    for i in by_fraction[: amount_minor - sum(shares)]:
        shares[i] += 1
    return shares


def divide_within(
    amount_minor: int, weights: Sequence[int], most_minor: Sequence[int]
) -> list[int]:
    """Divide likewise, but give none more than its most; all of them together bear the amount.

    Who would get more gets its most, and what is left is divided among the others again.
    """
    shares = [0] * len(weights)
    others, rest_minor = list(range(len(weights))), amount_minor
    while others:
        due = dict(zip(others, divide(rest_minor, [weights[i] for i in others]), strict=True))
        full = [i for i in others if due[i] > most_minor[i]]
        if not full:
            for i in others:
                shares[i] = due[i]
            break
        for i in full:
            shares[i] = most_minor[i]
            rest_minor -= most_minor[i]
        others = [i for i in others if due[i] <= most_minor[i]]
    return shares
