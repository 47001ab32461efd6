"""What a discount takes off what is left of an order and its lines, by the pages about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.oracle.dividing import half_up, largest_remainder
from kit.oracle.terms import Discount, Line


@dataclass
class Left:
    """What codes have left of an order, of its lines, and how many units of each are paid for."""

    order: int
    lines: Sequence[Line]
    of_lines: list[int]
    paid: list[int]


@dataclass(frozen=True)
class Off:
    """What comes off in all and off each line, which units are free now, and how many are added."""

    minor: int
    of_lines: tuple[int, ...] = ()
    free: tuple[int, ...] = ()
    gifts: int = 0


def off(discount: Discount, amount: int, left: Left) -> Off:
    """Return what comes off; `amount` is what the order came to before any code."""
    if discount.kind == "unit":
        return _free(discount, left)
    tiers = [value for start, value in discount.tiers if amount >= start]
    value = tiers[-1] if tiers else discount.off
    some = [n for n, line in enumerate(left.lines) if discount.only in {None, line.product}]
    if discount.effect == "order":
        base = left.order if discount.only is None else sum(left.of_lines[n] for n in some)
        minor = _of_order(discount, value, base)
        weights = [left.of_lines[n] if n in some else 0 for n in range(len(left.lines))]
        if not minor or not weights:
            return Off(minor, tuple(0 for _ in weights))
        return Off(minor, tuple(largest_remainder(minor, weights)))
    by_line = dict(zip(some, _of_lines(discount, value, left, some), strict=True))
    shares = tuple(by_line.get(n, 0) for n in range(len(left.lines)))
    return Off(sum(shares), shares)


def _of_order(discount: Discount, value: int, base: int) -> int:
    if discount.kind == "amount":
        return min(value, base)
    if discount.kind == "fixed":
        return max(0, base - value)
    return _at_most(discount.cap, half_up(base, value))


def _of_lines(discount: Discount, value: int, left: Left, some: Sequence[int]) -> list[int]:
    there = [left.of_lines[n] for n in some]
    units = [left.lines[n].quantity for n in some]
    if discount.kind == "fixed":
        return [max(0, m - value * u) if u else 0 for m, u in zip(there, units, strict=True)]
    if discount.kind == "percent":
        shares = [_at_most(discount.cap, half_up(minor, value)) for minor in there]
    elif discount.effect == "items":
        shares = [min(value, minor) for minor in there]
    elif discount.effect == "by_quantity":
        shares = [min(value * u, minor) for u, minor in zip(units, there, strict=True)]
    else:
        weights = there if discount.effect == "divided" else units
        shares = _filled(min(value, sum(there)), weights, there)
    if discount.together is not None and sum(shares) > discount.together:
        shares = largest_remainder(discount.together, shares)
    return shares


def _filled(amount: int, weights: Sequence[int], most: Sequence[int]) -> list[int]:
    """Divide, and while some would get more than is left of them give them that alone."""
    if not weights:
        return []
    shares = largest_remainder(amount, weights)
    full = [n for n, share in enumerate(shares) if share > most[n]]
    if not full:
        return shares
    others = [n for n in range(len(weights)) if n not in full]
    rest = _filled(
        amount - sum(most[n] for n in full),
        [weights[n] for n in others],
        [most[n] for n in others],
    )
    of_others = dict(zip(others, rest, strict=True))
    return [most[n] if n in full else of_others[n] for n in range(len(weights))]


def _free(discount: Discount, left: Left) -> Off:
    missing, shares, free = discount.off, [0] * len(left.lines), [0] * len(left.lines)
    for n, line in enumerate(left.lines):
        if discount.effect == "missing" and line.product == discount.unit:
            free[n] = min(missing, left.paid[n])
            missing -= free[n]
            if free[n]:
                shares[n] = left.of_lines[n] * free[n] // left.paid[n]
    return Off(sum(shares), tuple(shares), tuple(free), missing)


def _at_most(cap: int | None, minor: int) -> int:
    return minor if cap is None else min(cap, minor)
