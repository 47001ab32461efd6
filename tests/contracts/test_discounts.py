from typing import Any

import pytest

from contracts.discounts import AmountOff, Discount, FixedPrice, PercentOff, as_voucherify

TOGETHER = {"effect": "APPLY_TO_ORDER"}


@pytest.mark.parametrize(
    ("discount", "shown"),
    [
        pytest.param(
            AmountOff(amount_off_minor=500), {"type": "AMOUNT", "amount_off": 500}, id="amount"
        ),
        pytest.param(
            PercentOff(basis_points=1500), {"type": "PERCENT", "percent_off": 15}, id="whole"
        ),
        pytest.param(
            PercentOff(basis_points=1550), {"type": "PERCENT", "percent_off": 15.5}, id="half"
        ),
        pytest.param(
            PercentOff(basis_points=1500, most_minor=0),
            {"type": "PERCENT", "percent_off": 15, "amount_limit": 0},
            id="capped",
        ),
        pytest.param(
            FixedPrice(price_minor=4900), {"type": "FIXED", "fixed_amount": 4900}, id="fixed"
        ),
        pytest.param(
            PercentOff(basis_points=1), {"type": "PERCENT", "percent_off": 0.01}, id="smallest"
        ),
    ],
)
def test_a_discount_is_shown_in_voucherifys_words(
    discount: Discount, shown: dict[str, Any]
) -> None:
    body = as_voucherify(discount)

    assert body == shown | TOGETHER
    assert type(body.get("percent_off")) is type(shown.get("percent_off"))
