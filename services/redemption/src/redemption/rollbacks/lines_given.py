"""Which units of which lines are given back, and what they come to. Pure."""

from collections.abc import Sequence

from redemption.discounts.shares import divide
from redemption.outcomes import Line
from redemption.returns import Units


def given_units(
    lines: Sequence[Line], before: Sequence[int], wanted: Sequence[Units]
) -> list[int] | str:
    """Return how many units of each line are wanted, of like lines of the first ones first.

    Or say what is wanted and not there; `before` are the units that were given back, if any were.
    """
    left = [line.quantity - n for line, n in zip(lines, before or (0,) * len(lines), strict=True)]
    taken = [0] * len(lines)
    for units in wanted:
        needed = units.quantity
        for n, line in enumerate(lines):
            if units.are_of(line):
                now = min(needed, left[n] - taken[n])
                taken[n] += now
                needed -= now
        if needed:
            name = units.sku_id or units.product_id
            there = units.quantity - needed
            return (
                f"of {name!r} there are {there} to roll back, which is less than {units.quantity}"
            )
    return taken


def given_lines(
    lines: Sequence[Line], before: Sequence[int], by_now: Sequence[int]
) -> tuple[Line, ...]:
    """Return what lines give back from so many units up to so many: all steps come to the line."""
    return tuple(
        [
            line._replace(
                quantity=now - then,
                amount_minor=_of(line, line.amount_minor, now) - _of(line, line.amount_minor, then),
                discount_minor=_of(line, line.discount_minor, now)
                - _of(line, line.discount_minor, then),
                free_units=None,
            )
            for line, then, now in zip(lines, before, by_now, strict=True)
        ]
    )


def _of(line: Line, minor: int, units: int) -> int:
    """Return what so many units of a line come to."""
    return divide(minor, [units, line.quantity - units])[0] if line.quantity else 0
