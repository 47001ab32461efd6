"""Codes without letter case are one text, however they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import in_capitals
from contracts.text import trim

CODES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
    lambda text: text.strip() and trim_or_none(text) is not None
)


def trim_or_none(text: str) -> str | None:
    try:
        return trim(text)
    except ValueError:
        return None


@given(CODES)
def test_a_code_is_one_text_in_capitals_and_in_small_letters(typed: str) -> None:
    code = trim(typed)

    for spelt in (code, code.upper(), code.lower(), code.title(), code.casefold()):
        assert in_capitals(trim(spelt)) == in_capitals(code)


@given(CODES)
def test_what_is_in_capitals_stays_as_it_is(typed: str) -> None:
    code = in_capitals(trim(typed))

    assert in_capitals(code) == code
    assert trim(code) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("summer10", "SUMMER10"),
        ("straße", "STRASSE"),
        ("STRAẞE", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "ΣΊΣΥΦΟΣ"),
        ("σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("cafe\u0301", "CAFÉ"),
        ("10%-off_a", "10%-OFF_A"),
    ],
)
def test_codes_in_capitals(typed: str, code: str) -> None:
    assert in_capitals(typed) == code
