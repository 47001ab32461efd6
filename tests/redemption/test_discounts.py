import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.campaigns import AmountOff, PercentOff
from contracts.money import BASIS, LARGEST_MINOR
from redemption.discounts import take_off

minors = st.integers(0, LARGEST_MINOR)
discounts = st.one_of(
    st.builds(AmountOff, amount_off_minor=minors),
    st.builds(PercentOff, basis_points=st.integers(0, BASIS)),
)


@pytest.mark.parametrize(
    ("discount", "order", "expected"),
    [
        pytest.param(AmountOff(amount_off_minor=500), 4999, 500, id="amount"),
        pytest.param(AmountOff(amount_off_minor=500), 300, 300, id="never-more-than-the-order"),
        pytest.param(AmountOff(amount_off_minor=500), None, 0, id="nothing-to-take-it-off"),
        pytest.param(PercentOff(basis_points=1550), 1000, 155, id="percent-with-a-fraction"),
        pytest.param(PercentOff(basis_points=500), 1010, 51, id="half-a-cent-rounds-up"),
        pytest.param(PercentOff(basis_points=10_000), 4999, 4999, id="all-of-it"),
    ],
)
def test_what_a_coupon_takes_off(
    discount: AmountOff | PercentOff, order: int | None, expected: int
) -> None:
    assert take_off(discount, order) == expected


@given(discounts, minors)
def test_a_discount_is_never_negative_and_never_more_than_the_order(
    discount: AmountOff | PercentOff, order: int
) -> None:
    assert 0 <= take_off(discount, order) <= order


@given(discounts, minors, minors)
def test_a_larger_order_never_gets_a_smaller_discount(
    discount: AmountOff | PercentOff, one: int, other: int
) -> None:
    smaller, larger = sorted((one, other))

    assert take_off(discount, smaller) <= take_off(discount, larger)
