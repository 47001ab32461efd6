from collections import Counter

import pytest

from contracts.currencies import MINOR_UNITS, major_units


def test_the_list_is_that_of_2026() -> None:
    assert Counter(MINOR_UNITS.values()) == {2: 139, 0: 17, 3: 7, 4: 2}
    assert "BGN" not in MINOR_UNITS  # Bulgaria pays in euro since 2026
    assert all(len(code) == 3 and code.isupper() for code in MINOR_UNITS)


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("UYW", 4)]
)
def test_minor_units_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert MINOR_UNITS[currency] == digits


@pytest.mark.parametrize(
    ("minor", "currency", "major"),
    [
        (1205, "EUR", "12.05"),
        (-5, "EUR", "-0.05"),
        (1205, "JPY", "1205"),
        (1205, "KWD", "1.205"),
        (0, "USD", "0.00"),
        (7, "XXX", "0.07"),
        (10**40 + 1, "EUR", "1" + "0" * 38 + ".01"),
    ],
)
def test_major_units_have_the_currencys_decimals(minor: int, currency: str, major: str) -> None:
    assert f"{major_units(minor, currency):f}" == major
