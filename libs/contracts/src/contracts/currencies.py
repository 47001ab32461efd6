"""Currencies of ISO 4217 and their minor units.

List one as SIX, its maintenance agency, published it on 2026-01-01 (read from PyPI's `iso4217`
1.16.20260101). What has no minor units there (gold, SDR, the codes for tests and for nothing) is no
currency of ours: amounts are whole minor units.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

_OF_TWO_DIGITS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
    CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD
    LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB
    PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW
    ZWG
"""
_OF_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_OF_THREE = "BHD IQD JOD KWD LYD OMR TND"
_OF_FOUR = "CLF UYW"

MINOR_UNITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(_OF_TWO_DIGITS.split(), 2),
        **dict.fromkeys(_OF_NONE.split(), 0),
        **dict.fromkeys(_OF_THREE.split(), 3),
        **dict.fromkeys(_OF_FOUR.split(), 4),
    }
)


def check_currency(given: str) -> str:
    """Raise ValueError for what is no currency: amounts in it would be nobody's money."""
    if given not in MINOR_UNITS:
        raise ValueError(f"currency {given!r} is not one of ISO 4217")
    return given


def major_units(amount_minor: int, currency: str) -> Decimal:
    """Return an amount in major units, with the currency's decimals: -12.05, of yen 1205.

    Of a currency that is unknown here it has two.
    """
    return Decimal(f"{amount_minor}e-{MINOR_UNITS.get(currency, 2)}")  # exact, however large
