"""Numbers for people: grouped by thousands, with a minus sign that is as wide as a plus."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
SPACE: Final = "\N{NO-BREAK SPACE}"
MILLION: Final = 1_000_000
GROUPED: Final = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)


def number(value: int | Decimal) -> str:
    """Write 2418 as 2,418."""
    return signed(f"{abs(value):,}", negative=value < 0)


def ungrouped(typed: str) -> str:
    """Write 2,418.5 as 2418.5. Elsewhere a comma stays: 20,50 is 20.50 to some, and never 2050."""
    return typed.replace(",", "") if GROUPED.fullmatch(typed) else typed


def percent(ratio: float | Decimal | None) -> str:
    """Write 0.125 as 12.5 %; what has no base is a dash."""
    if ratio is None:
        return "\N{EN DASH}"
    value = rounded(Decimal(str(ratio)) * 100, 1)
    return signed(f"{abs(value):,}", negative=value < 0) + SPACE + "%"


def times(ratio: float | Decimal | None) -> str:
    """Write a return on investment: 3.4, and the sign of times."""
    if ratio is None:
        return "\N{EN DASH}"
    value = rounded(Decimal(str(ratio)), 1)
    return signed(f"{abs(value):,}", negative=value < 0) + SPACE + "\N{MULTIPLICATION SIGN}"


def short(value: int | Decimal) -> str:
    """Write for a card: from a million on 1.24 M, below in full."""
    exact = Decimal(value)
    if abs(exact) < MILLION:
        return number(value)
    millions = rounded(exact / MILLION, 2)
    return signed(f"{abs(millions):,}", negative=value < 0) + SPACE + "M"


def rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def signed(digits: str, *, negative: bool) -> str:
    return MINUS + digits if negative else digits
