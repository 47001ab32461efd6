from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.commissions import commission
from contracts.money import BASIS, LARGEST_MINOR

minor = st.integers(0, LARGEST_MINOR)
basis_points = st.integers(0, BASIS)

NOTHING = {
    "order_minor": 0,
    "discount_minor": 0,
    "customer_is_new": False,
    "share_basis_points": 0,
    "flat_minor": 0,
    "new_customer_bonus_minor": 0,
}


@pytest.mark.parametrize(
    ("facts", "owed"),
    [
        pytest.param({}, 0, id="no-plan-owes-nothing"),
        # 49.90 less 5.00 is 44.90; 5 % of it is 2.245, half up 2.25; 0.30 flat; 1.00 new customer
        pytest.param(
            {
                "order_minor": 4990,
                "discount_minor": 500,
                "customer_is_new": True,
                "share_basis_points": 500,
                "flat_minor": 30,
                "new_customer_bonus_minor": 100,
            },
            225 + 30 + 100,
            id="example-of-docs-metrics",
        ),
        pytest.param({"order_minor": 10, "share_basis_points": 500}, 1, id="half-a-cent-rounds-up"),
        pytest.param(
            {"order_minor": 9, "share_basis_points": 500}, 0, id="less-than-half-rounds-down"
        ),
        pytest.param({"new_customer_bonus_minor": 100}, 0, id="no-bonus-for-a-known-customer"),
        pytest.param(
            {"order_minor": 100, "discount_minor": 300, "share_basis_points": 500, "flat_minor": 7},
            7,
            id="a-net-below-zero-earns-no-share",
        ),
    ],
)
def test_a_plan_is_added_up(facts: dict[str, int], owed: int) -> None:
    assert commission(**(NOTHING | facts)) == owed  # type: ignore[arg-type]  # a table of facts


@given(minor, minor, basis_points, minor, minor)
def test_the_parts_of_a_plan_are_independent(
    order: int, discount: int, share: int, flat: int, bonus: int
) -> None:
    def owed(*, share: int = 0, flat: int = 0, bonus: int = 0, new: bool = True) -> int:
        return commission(
            order_minor=order,
            discount_minor=discount,
            customer_is_new=new,
            share_basis_points=share,
            flat_minor=flat,
            new_customer_bonus_minor=bonus,
        )

    whole = owed(share=share, flat=flat, bonus=bonus)
    assert whole == owed(share=share) + owed(flat=flat) + owed(bonus=bonus)
    assert whole - owed(share=share, flat=flat, bonus=bonus, new=False) == bonus


@given(minor, minor, basis_points)
def test_a_share_is_the_net_rounded_half_up_and_never_more_than_the_net(
    order: int, discount: int, share: int
) -> None:
    owed = commission(
        order_minor=order,
        discount_minor=discount,
        customer_is_new=False,
        share_basis_points=share,
        flat_minor=0,
        new_customer_bonus_minor=0,
    )
    net = max(order - discount, 0)
    exact = Fraction(net * share, BASIS)
    assert Fraction(-1, 2) < owed - exact <= Fraction(1, 2)
    assert 0 <= owed <= net
