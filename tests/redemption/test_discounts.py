import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.discounts import AmountOff, AmountTier, FixedPrice, PercentOff
from contracts.money import BASIS, LARGEST_MINOR
from redemption.discounts.shares import divide, divide_within
from redemption.discounts.whole import off_order

Discount = AmountOff | PercentOff | FixedPrice

TIERS = (
    AmountTier(from_minor=5000, amount_off_minor=700),
    AmountTier(from_minor=9000, amount_off_minor=1500),
)

minors = st.integers(0, LARGEST_MINOR)
discounts = st.one_of(
    st.builds(AmountOff, amount_off_minor=minors),
    st.builds(PercentOff, basis_points=st.integers(0, BASIS), most_minor=st.none() | minors),
    st.builds(FixedPrice, price_minor=minors),
)


@pytest.mark.parametrize(
    ("discount", "order", "expected"),
    [
        pytest.param(AmountOff(amount_off_minor=500), 4999, 500, id="amount"),
        pytest.param(AmountOff(amount_off_minor=500), 300, 300, id="never-more-than-the-order"),
        pytest.param(PercentOff(basis_points=1550), 1000, 155, id="percent-with-a-fraction"),
        pytest.param(PercentOff(basis_points=500), 1010, 51, id="half-a-cent-rounds-up"),
        pytest.param(PercentOff(basis_points=10_000), 4999, 4999, id="all-of-it"),
        pytest.param(PercentOff(basis_points=1000, most_minor=300), 5000, 300, id="capped"),
        pytest.param(PercentOff(basis_points=1000, most_minor=300), 2999, 300, id="just-below"),
        pytest.param(PercentOff(basis_points=1000, most_minor=300), 2000, 200, id="under-the-cap"),
        pytest.param(PercentOff(basis_points=1000, most_minor=0), 2000, 0, id="capped-at-nothing"),
        pytest.param(FixedPrice(price_minor=4900), 7000, 2100, id="down-to-a-price"),
        pytest.param(FixedPrice(price_minor=4900), 4900, 0, id="at-the-price"),
        pytest.param(FixedPrice(price_minor=4900), 3000, 0, id="cheaper-than-the-price"),
        pytest.param(FixedPrice(price_minor=0), 3000, 3000, id="for-nothing"),
    ],
)
def test_what_a_coupon_takes_off(discount: Discount, order: int, expected: int) -> None:
    assert off_order(discount, order, order) == expected


@pytest.mark.parametrize(
    ("order", "expected"), [(4999, 300), (5000, 700), (8999, 700), (9000, 1500), (90_000, 1500)]
)
def test_an_amount_goes_by_the_tier_that_the_order_reaches(order: int, expected: int) -> None:
    tiered = AmountOff(amount_off_minor=300, tiers=TIERS)

    assert off_order(tiered, order, order) == expected
    # Codes before this one have left less of it, and its size is the same.
    assert off_order(tiered, 100, order) == 100


@given(discounts, minors)
def test_a_discount_is_never_negative_and_never_more_than_the_order(
    discount: Discount, order: int
) -> None:
    assert 0 <= off_order(discount, order, order) <= order


@given(discounts, minors, minors)
def test_a_larger_order_never_gets_a_smaller_discount(
    discount: Discount, one: int, other: int
) -> None:
    smaller, larger = sorted((one, other))

    assert off_order(discount, smaller, smaller) <= off_order(discount, larger, larger)


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        pytest.param(100, [1, 1], [50, 50], id="halves"),
        pytest.param(100, [1, 1, 1], [34, 33, 33], id="of-equal-fractions-the-first"),
        pytest.param(100, [1, 2, 3], [17, 33, 50], id="largest-fraction-first"),
        pytest.param(101, [0, 0], [51, 50], id="equally-where-nobody-has-a-weight"),
        pytest.param(7, [0, 5], [0, 7], id="nothing-for-no-weight"),
        pytest.param(0, [3, 4], [0, 0], id="nothing-to-divide"),
        pytest.param(1, [1] * 30, [1] + [0] * 29, id="less-than-one-each"),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainders(
    amount: int, weights: list[int], shares: list[int]
) -> None:
    assert divide(amount, weights) == shares


@given(minors, st.lists(minors, min_size=1, max_size=30))
def test_shares_add_up_and_none_is_a_unit_away_from_its_due(
    amount: int, weights: list[int]
) -> None:
    shares = divide(amount, weights)

    assert sum(shares) == amount
    assert min(shares) >= 0
    due = weights if sum(weights) else [1] * len(weights)
    for share, weight in zip(shares, due, strict=True):
        assert abs(share * sum(due) - amount * weight) < sum(due)


@pytest.mark.parametrize(
    ("amount", "weights", "most", "shares"),
    [
        pytest.param(90, [1, 1, 1], [90, 90, 90], [30, 30, 30], id="room-for-all"),
        pytest.param(90, [1, 1, 1], [10, 90, 90], [10, 40, 40], id="one-is-full"),
        pytest.param(90, [8, 1, 1], [10, 45, 90], [10, 40, 40], id="the-others-bear-the-rest"),
        pytest.param(90, [1, 1, 1], [10, 20, 60], [10, 20, 60], id="all-are-full"),
        pytest.param(50, [1, 0], [20, 90], [20, 30], id="also-who-has-no-weight"),
        pytest.param(0, [], [], [], id="nobody"),
    ],
)
def test_nobody_gets_more_than_its_most(
    amount: int, weights: list[int], most: list[int], shares: list[int]
) -> None:
    assert divide_within(amount, weights, most) == shares


@given(st.lists(st.tuples(minors, minors), min_size=1, max_size=30), st.data())
def test_shares_within_add_up(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    weights, most = [w for w, _ in pairs], [m for _, m in pairs]
    amount = data.draw(st.integers(0, sum(most)))

    shares = divide_within(amount, weights, most)

    assert sum(shares) == amount
    assert all(0 <= share <= at_most for share, at_most in zip(shares, most, strict=True))
