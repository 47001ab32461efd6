import pytest

from analytics.changes import change


@pytest.mark.parametrize(
    ("value", "before", "difference", "ratio", "new"),
    [
        pytest.param(15, 10, 5, 0.5, False, id="half-as-much-again"),
        pytest.param(5, 10, -5, -0.5, False, id="half"),
        pytest.param(5, 0, 5, None, True, id="nothing-before-is-new"),
        pytest.param(0, 0, 0, None, False, id="nothing-at-all-is-not"),
        pytest.param(-50, -100, 50, 0.5, False, id="a-smaller-loss-is-better"),
        pytest.param(50, -100, 150, 1.5, False, id="from-loss-to-profit"),
        pytest.param(None, 2.0, None, None, False, id="no-ratio-now"),
        pytest.param(2.0, None, None, None, False, id="no-ratio-then"),
        pytest.param(7, None, None, None, False, id="not-compared"),
        pytest.param(10**25 + 10**24, 10**25, 10**24, 0.1, False, id="beyond-floats"),
    ],
)
def test_a_change_is_a_difference_and_a_ratio(
    value: float | None,
    before: float | None,
    difference: float | None,
    ratio: float | None,
    new: bool,
) -> None:
    found = change(value, before)
    assert (found.value, found.before, found.difference) == (value, before, difference)
    assert found.ratio == (None if ratio is None else pytest.approx(ratio))
    assert found.new is new
