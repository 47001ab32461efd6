"""A transaction takes as many codes as are decided in a moment: a kill switch waits for it."""

import pytest

from redemption.batches.pace import FEWEST_CODES, HELD_SECONDS, MOST_CODES, Pace


def after(per_code: float, batches: int = 30) -> Pace:
    pace = Pace()
    for _ in range(batches):
        pace.took(pace.codes, pace.codes * per_code)
    return pace


@pytest.mark.parametrize(
    ("microseconds", "codes"),
    [(10, MOST_CODES), (40, MOST_CODES), (80, 1000), (100, 800), (160, 500), (1000, FEWEST_CODES)],
)
def test_a_batch_takes_what_is_decided_in_a_moment(microseconds: int, codes: int) -> None:
    pace = after(microseconds / 1_000_000)

    assert pace.codes == pytest.approx(codes, rel=0.02)
    assert FEWEST_CODES <= pace.codes <= MOST_CODES


def test_a_busy_machine_is_noticed_within_few_batches_and_forgotten_as_soon() -> None:
    pace = after(100e-6, batches=4)
    assert pace.codes * 100e-6 < 1.5 * HELD_SECONDS

    for _ in range(8):
        pace.took(pace.codes, pace.codes * 20e-6)
    assert pace.codes > MOST_CODES * 0.9


def test_one_batch_that_met_a_slow_disk_is_no_measure() -> None:
    pace = Pace()

    pace.took(MOST_CODES, 5.0)

    assert pace.codes > MOST_CODES / 2


def test_a_busy_machine_is_forgotten_where_no_requests_make_up_the_fewest() -> None:
    pace = after(1000e-6)
    assert pace.codes == FEWEST_CODES

    for _ in range(30):
        codes = pace.codes - pace.codes % 4  # of each request four
        pace.took(codes, codes * 20e-6)

    assert pace.codes > MOST_CODES * 0.9


def test_a_small_batch_tells_of_its_round_trips_alone() -> None:
    pace = Pace()

    for _ in range(100):
        pace.took(10, 0.01)

    assert pace.codes == MOST_CODES
