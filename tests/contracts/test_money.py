from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.money import BASIS, LARGEST_MINOR, Currency, Minor, share

MINOR: TypeAdapter[int] = TypeAdapter(Minor)
CURRENCY: TypeAdapter[str] = TypeAdapter(Currency)

amounts = st.integers(0, LARGEST_MINOR)
shares = st.integers(0, BASIS)


@pytest.mark.parametrize(
    ("amount", "basis_points", "expected"),
    [
        pytest.param(1010, 500, 51, id="half-rounds-up"),
        pytest.param(1009, 500, 50, id="below-half-rounds-down"),
        pytest.param(1, 5000, 1, id="half-a-cent-is-a-cent"),
        pytest.param(1, 4999, 0, id="less-than-half-a-cent-is-none"),
        pytest.param(0, 10_000, 0, id="all-of-nothing"),
        pytest.param(999, 10_000, 999, id="all"),
        pytest.param(999, 0, 0, id="nothing"),
    ],
)
def test_a_share_rounds_half_up(amount: int, basis_points: int, expected: int) -> None:
    assert share(amount, basis_points) == expected


@given(amounts, shares)
def test_a_share_is_what_exact_arithmetic_says(amount: int, basis_points: int) -> None:
    exact = Decimal(amount) * basis_points / BASIS

    assert share(amount, basis_points) == exact.quantize(Decimal(1), ROUND_HALF_UP)


@given(amounts, shares)
def test_a_share_is_never_more_than_the_whole(amount: int, basis_points: int) -> None:
    assert 0 <= share(amount, basis_points) <= amount


@given(amounts, shares)
def test_a_larger_share_is_never_smaller(amount: int, basis_points: int) -> None:
    assert share(amount, basis_points) >= share(amount, max(basis_points - 1, 0))


@pytest.mark.parametrize("refused", ["1.0", "1e2", '"1"', "-1", "true", "null", "9007199254740992"])
def test_an_amount_is_an_integer_that_every_json_reader_keeps_exact(refused: str) -> None:
    with pytest.raises(ValidationError):
        MINOR.validate_json(refused)


@pytest.mark.parametrize("refused", ["eur", "EU", "EURO", "E R", "EUR\n", ""])
def test_a_currency_is_three_capital_letters(refused: str) -> None:
    with pytest.raises(ValidationError):
        CURRENCY.validate_python(refused)
