import itertools
import math
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import codes
from campaigns.codes import CodeConfig

charsets = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=2).map(
    lambda text: "".join(dict.fromkeys(text + "ab"))
)
configs = st.builds(
    CodeConfig,
    prefix=st.sampled_from(["", "BLOG-", "#"]),
    postfix=st.sampled_from(["", "-24"]),
    pattern=st.one_of(st.none(), st.sampled_from(["##-##", "A#", "x####x"])),
    length=st.one_of(st.none(), st.integers(1, 12)),
    charset=charsets,
)


@given(configs, st.integers(0))
def test_every_number_below_the_space_is_a_code_of_its_kind(
    config: CodeConfig, number: int
) -> None:
    code = codes.encode(config, number % config.capacity)

    assert code.startswith(config.prefix)
    assert code.endswith(config.postfix)
    body = code[len(config.prefix) : len(code) - len(config.postfix)]
    assert len(body) == len(config.body)
    for drawn, wanted in zip(body, config.body, strict=True):
        assert drawn in config.charset if wanted == "#" else drawn == wanted


def test_different_numbers_are_different_codes() -> None:
    config = CodeConfig(pattern="#-#", charset="abc", prefix="P")

    assert len({codes.encode(config, number) for number in range(config.capacity)}) == 9


@given(charsets)
def test_codes_have_sixty_bits_unless_told_otherwise(charset: str) -> None:
    config = CodeConfig(charset=charset)

    assert math.log2(config.capacity) >= 60


def test_the_usual_code_has_eleven_characters() -> None:
    [code] = itertools.islice(codes.generate(CodeConfig(), secrets.randbelow), 1)

    assert len(code) == 11
    assert code.isalnum()


def test_a_pattern_replaces_the_length() -> None:
    assert CodeConfig(pattern="##", length=9).random_places == 2


@pytest.mark.parametrize(
    ("config", "objection"),
    [
        pytest.param(CodeConfig(charset="aab"), "twice", id="a-character-twice"),
        pytest.param(CodeConfig(charset="a"), "two characters", id="no-choice"),
        pytest.param(CodeConfig(charset=""), "two characters", id="no-character"),
        pytest.param(CodeConfig(charset="A BC"), "blank", id="a-blank-that-may-end-a-code"),
        pytest.param(CodeConfig(charset="A\u2800B"), "blank", id="a-blank-that-can-be-printed"),
        pytest.param(CodeConfig(pattern="FIXED"), "no #", id="nothing-random"),
        pytest.param(CodeConfig(length=101), "longer than", id="too-long"),
        pytest.param(CodeConfig(prefix="v_", length=32), "ids of vouchers", id="as-an-id"),
    ],
)
def test_no_code_can_look_like_this(config: CodeConfig, objection: str) -> None:
    assert objection in (codes.check_config(config) or "")


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
    config = CodeConfig(pattern="##", charset="0123456789")

    assert (codes.check_capacity(config, existing, wanted) is None) == enough


def test_codes_are_drawn_as_they_are_read() -> None:
    config = CodeConfig(pattern="E##", charset="\u0301a")
    drawn = {
        code for code, _ in zip(codes.generate(config, secrets.randbelow), range(99), strict=False)
    }
    assert drawn <= {"Eaa", "Eá", "Éa", "É\u0301"}
