"""How amounts are divided and rounded, in fractions."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def largest_remainder(amount: int, weights: Sequence[int]) -> list[int]:
    """Those that lose most by rounding down get the units that are left, of equals the first."""
    total = sum(weights)
    exact = [
        Fraction(amount * w, total) if total else Fraction(amount, len(weights)) for w in weights
    ]
    shares = [floor(each) for each in exact]
    for _ in range(amount - sum(shares)):
        n = max(range(len(weights)), key=lambda n: (exact[n] - shares[n], -n))
        shares[n] += 1
    return shares


def half_up(amount: int, percent: int) -> int:
    return floor(Fraction(amount * percent, 100) + Fraction(1, 2))
