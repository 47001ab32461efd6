import itertools
import math
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import codes
from campaigns.codes import Shape

charsets = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=2).map(
    lambda text: "".join(dict.fromkeys(text + "ab"))
)
shapes = st.builds(
    Shape,
    prefix=st.sampled_from(["", "BLOG-", "#"]),
    postfix=st.sampled_from(["", "-24"]),
    pattern=st.one_of(st.none(), st.sampled_from(["##-##", "A#", "x####x"])),
    length=st.one_of(st.none(), st.integers(1, 12)),
    charset=charsets,
)


@given(shapes, st.integers(0))
def test_every_number_below_the_space_is_a_code_of_the_shape(shape: Shape, number: int) -> None:
    code = codes.fill(shape, number % shape.space)

    assert code.startswith(shape.prefix)
    assert code.endswith(shape.postfix)
    middle = code[len(shape.prefix) : len(code) - len(shape.postfix)]
    assert len(middle) == len(shape.middle)
    for drawn, wanted in zip(middle, shape.middle, strict=True):
        assert drawn in shape.charset if wanted == "#" else drawn == wanted


def test_different_numbers_are_different_codes() -> None:
    shape = Shape(pattern="#-#", charset="abc", prefix="P")

    assert len({codes.fill(shape, number) for number in range(shape.space)}) == 9


@given(charsets)
def test_codes_have_sixty_bits_unless_told_otherwise(charset: str) -> None:
    shape = Shape(charset=charset)

    assert math.log2(shape.space) >= 60


def test_the_usual_code_has_eleven_characters() -> None:
    [code] = itertools.islice(codes.draw(Shape(), secrets.randbelow), 1)

    assert len(code) == 11
    assert code.isalnum()


def test_a_pattern_replaces_the_length() -> None:
    assert Shape(pattern="##", length=9).random_places == 2


@pytest.mark.parametrize(
    ("shape", "objection"),
    [
        pytest.param(Shape(charset="aab"), "twice", id="a-character-twice"),
        pytest.param(Shape(charset="a"), "two characters", id="no-choice"),
        pytest.param(Shape(charset=""), "two characters", id="no-character"),
        pytest.param(Shape(pattern="FIXED"), "no #", id="nothing-random"),
        pytest.param(Shape(length=101), "longer than", id="too-long"),
    ],
)
def test_no_code_can_have_such_a_shape(shape: Shape, objection: str) -> None:
    assert objection in (codes.objection(shape) or "")


@pytest.mark.parametrize(
    ("existing", "wanted", "enough"),
    [
        pytest.param(0, 1, True, id="one-code-needs-no-room"),
        pytest.param(0, 10, True, id="ten-of-a-hundred"),
        pytest.param(0, 11, False, id="eleven-of-a-hundred"),
        pytest.param(5, 6, False, id="existing-codes-count"),
    ],
)
def test_most_draws_must_be_new(existing: int, wanted: int, enough: bool) -> None:
    shape = Shape(pattern="##", charset="0123456789")

    assert (codes.shortage(shape, existing, wanted) is None) == enough
