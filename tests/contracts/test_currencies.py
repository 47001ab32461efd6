from collections import Counter

import pytest

from contracts.currencies import MINOR_UNITS


def test_the_list_is_that_of_2026() -> None:
    assert Counter(MINOR_UNITS.values()) == {2: 139, 0: 17, 3: 7, 4: 2}
    assert "BGN" not in MINOR_UNITS  # Bulgaria pays in euro since 2026
    assert all(len(code) == 3 and code.isupper() for code in MINOR_UNITS)


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("UYW", 4)]
)
def test_minor_units_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert MINOR_UNITS[currency] == digits
