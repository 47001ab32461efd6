"""What somebody may have meant who typed a code that nobody issued."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redemption.browsing.spellings import distance, nearest, variants

CODES = st.text(alphabet="ABC01", min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SUMER", "SUMMER"),
        ("SUMMMER", "SUMMER"),
        ("SUNMER", "SUMMER"),
        ("SUMEMR", "SUMMER"),
        ("summer", "SUMMER"),
        ("sumer", "SUMMER"),
        ("SUMMER", "summer"),
        ("C0DE-00", "CODE-OO"),
        ("AUTUMN_10", "AUTUMN-10"),
    ],
)
def test_a_slip_is_among_what_is_looked_for(typed: str, meant: str) -> None:
    assert meant in variants(typed)


def test_of_a_long_code_its_neighbours_are_looked_at_alone() -> None:
    assert len(variants("X" * 30)) < 5000
    assert variants("X" * 31) == {"x" * 31}


@given(CODES, CODES, st.integers(0, 6))
def test_a_distance_is_the_same_both_ways_and_within_its_bound(a: str, b: str, most: int) -> None:
    far = distance(a, b, 6)
    assert far == distance(b, a, 6)
    assert far is not None
    assert (far == 0) == (a == b)
    assert distance(a, b, most) == (far if far <= most else None)


@given(CODES)
def test_every_variant_of_one_letter_is_at_a_distance_of_one(code: str) -> None:
    near = [each for each in variants(code) if distance(code, each, 1) is not None]
    assert len(near) > 36 * len(code)


def test_the_nearest_stand_first_and_what_is_far_is_left_out() -> None:
    candidates = ["SUMMER26", "SUMER", "SUMMERS", "WINTER", "S"]

    assert nearest("SUMMER", candidates, 2) == [("SUMER", 1), ("SUMMERS", 1)]
    assert nearest("SUMMER", candidates, 9)[2:] == [("SUMMER26", 2)]
