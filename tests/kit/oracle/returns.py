"""What is given back of a redemption: all that is left, a part of its order, or units of lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kit.oracle.dividing import largest_remainder
from kit.oracle.quotas import Use
from kit.oracle.terms import Line


@dataclass
class Given:
    """A code that was redeemed: what is left of its share and its discount."""

    use: Use
    order_id: str | None
    lines: tuple[Line, ...]
    of_lines: tuple[int, ...]
    order: int = 0
    off: int = 0
    whole: bool = False
    units: list[int] | None = field(default_factory=list)  # of each line; None after amounts
    by_orders: int = 0
    off_by_orders: int = 0

    def __post_init__(self) -> None:
        self.order, self.off = self.use.share, self.use.off
        self.units = [0] * len(self.lines)


@dataclass(frozen=True)
class Part:
    """How much of one redemption is given back."""

    given: Given
    order: int
    off: int
    whole: bool
    units: tuple[int, ...] = ()


def all_of(given: Given) -> Part:
    return Part(given, given.order, given.off, whole=True)


def by_amount(given: Given, order: int) -> Part:
    if order == given.order:
        return all_of(given)
    [off, _] = largest_remainder(given.off, [order, given.order - order])
    return Part(given, order, off, whole=False)


def amounts(open_: Sequence[Given], amount: int) -> list[Part]:
    """Divide an amount by what is left of each."""
    left = [each.order for each in open_]
    parts = zip(open_, largest_remainder(amount, left), strict=True)
    return [by_amount(each, part) for each, part in parts if part]


def by_units(open_: Sequence[Given], units: Mapping[str, int]) -> list[Part] | None:
    """Give back units of products' lines, the first ones first; None where that is refused."""
    products = {line.product for each in open_ for line in each.lines}
    if not units.keys() <= products:
        return None
    parts = []
    for given in open_:
        if given.units is None:
            return None
        by_now = list(given.units)
        for product, wanted in units.items():
            needed = wanted
            for n, line in enumerate(given.lines):
                if line.product == product:
                    now = min(needed, line.quantity - by_now[n])
                    by_now[n] += now
                    needed -= now
            if needed:
                return None
        parts.append(_of_units(given, given.units, by_now))
    return parts


def _of_units(given: Given, before: Sequence[int], by_now: Sequence[int]) -> Part:
    units = tuple(now - then for now, then in zip(by_now, before, strict=True))
    if all(n >= line.quantity for n, line in zip(by_now, given.lines, strict=True)):
        return Part(given, given.order, given.off, whole=True, units=units)
    came_to = sum(
        _of(line.amount, n, line.quantity) for n, line in zip(by_now, given.lines, strict=True)
    )
    basket = sum(line.amount for line in given.lines)
    [counted, _] = largest_remainder(given.use.share, [came_to, basket - came_to])
    off = sum(
        _of(minor, now, line.quantity) - _of(minor, then, line.quantity)
        for minor, now, then, line in zip(given.of_lines, by_now, before, given.lines, strict=True)
    )
    return Part(given, counted - (given.use.share - given.order), off, whole=False, units=units)


def _of(minor: int, units: int, quantity: int) -> int:
    return largest_remainder(minor, [units, quantity - units])[0] if quantity else 0
