"""Amounts of money, in minor units as the API says them, with the decimals of their currency."""

import re
from decimal import Decimal
from typing import Final

from console.format import numbers

# ISO 4217; all others have the usual ones.
USUAL_DECIMALS: Final = 2
LONGEST: Final = 24
AMOUNT: Final = re.compile(r"-?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_OF_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_OF_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_OF_FOUR: Final = "CLF UYW"
DECIMALS: Final = {
    **dict.fromkeys(_OF_NONE.split(), 0),
    **dict.fromkeys(_OF_THREE.split(), 3),
    **dict.fromkeys(_OF_FOUR.split(), 4),
}


def decimals(currency: str) -> int:
    """Return how many digits of a currency stand behind the point."""
    return DECIMALS.get(currency, USUAL_DECIMALS)


def money(minor: int, currency: str) -> str:
    """Write 123456 of EUR as 1,234.56; the currency itself stands in the head of the column."""
    places = decimals(currency)
    major = Decimal(abs(minor)).scaleb(-places)
    return numbers.signed(f"{major:,.{places}f}", negative=minor < 0)


def short_money(minor: int, currency: str) -> str:
    """Write for a card: from a million on 1.24 M."""
    major = Decimal(minor).scaleb(-decimals(currency))
    return numbers.short(major) if abs(major) >= numbers.MILLION else money(minor, currency)


def minor_units(typed: str, currency: str) -> int:
    """Read what somebody typed, 1234.5 or 1,234.50; raise ValueError where it is no amount."""
    plain = numbers.ungrouped(typed.strip().replace(numbers.MINUS, "-"))
    if len(plain) <= LONGEST and AMOUNT.fullmatch(plain):
        minor = Decimal(plain).scaleb(decimals(currency))
        if minor == minor.to_integral_value():
            return int(minor)
    raise ValueError(f"{typed[:LONGEST]!r} is no amount of {currency}")


def plain(minor: int | None, currency: str) -> str:
    """Write for a field: 1234.56, which `minor_units` reads."""
    if minor is None:
        return ""
    places = decimals(currency)
    return f"{Decimal(minor).scaleb(-places):.{places}f}"
