from datetime import UTC, datetime

import pytest

from redemption.outcomes import Line
from redemption.render.bodies import Told
from redemption.render.orders import Applying, as_one

TOLD = Told(datetime(2026, 11, 27, tzinfo=UTC), "cust_1", None, {}, "order-1", 3_000)


@pytest.mark.parametrize(
    ("minor", "lines"),
    [
        pytest.param(300, (), id="without-lines"),
        pytest.param(
            300,
            (Line("a", None, 1, 1_000, 100), Line("b", "b-1", 2, 2_000, 200)),
            id="on-the-order",
        ),
        pytest.param(
            1_000, (Line("a", None, 1, 1_000, 0, 0), Line("b", None, 2, 2_000, 1_000, 1)), id="free"
        ),
        pytest.param(
            0, (Line("a", None, 3, 3_000, 0, 0), Line("b", None, 0, 0, 0, 2)), id="added-lines"
        ),
    ],
)
def test_one_code_alone_is_what_all_codes_together_are(minor: int, lines: tuple[Line, ...]) -> None:
    order = Applying(TOLD).after(minor, lines)

    assert as_one(order) == order
