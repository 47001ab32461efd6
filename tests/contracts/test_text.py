"""Blanks at the ends of what people paste: gone, wherever it comes in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from contracts.text import BLANKS, INVISIBLE, Trimmed, trim, trim_name

SOFT_HYPHEN = "\u00ad"
NO_BREAK, NARROW, ZERO_WIDTH, JOINER, BOM = "\u00a0", "\u202f", "\u200b", "\u2060", "\ufeff"


@pytest.mark.parametrize(
    "blank",
    [" ", "\t", "\n", "\r\n", "\v", NO_BREAK, NARROW, "\u3000", ZERO_WIDTH, JOINER, BOM, "\u200e"],
    ids=ascii,
)
def test_a_blank_before_or_after_is_nobodys_meaning(blank: str) -> None:
    for pasted in (blank + "SUMMER 20", "SUMMER 20" + blank, f" {blank} SUMMER 20{blank}\t{blank}"):
        assert trim(pasted) == "SUMMER 20"
        assert trim_name(pasted) == "SUMMER 20"


@pytest.mark.parametrize("text", ["A", "A B", "ä", "😀", "a\u200cb", "a\u00a0b", "❤\ufe0f"])
def test_what_is_within_stays(text: str) -> None:
    assert trim(text) == text


@pytest.mark.parametrize(
    "twin", ["CAFE\u0301 20", "CA\u200bFÉ 20", "CAFE\u00ad\u0301\u2060 20"], ids=ascii
)
def test_what_looks_alike_is_one(twin: str) -> None:
    assert trim(twin) == trim_name(twin) == "CAFÉ 20"


def test_a_text_may_not_grow_too_long_when_it_is_written_as_it_looks() -> None:
    with pytest.raises(ValueError, match="200 characters"):
        trim("\u0958" * 101)  # two letters each


@pytest.mark.parametrize("nothing", ["", " ", NO_BREAK, f"\t{ZERO_WIDTH}\n"], ids=ascii)
def test_nothing_but_blanks_is_nothing(nothing: str) -> None:
    with pytest.raises(ValueError, match="nothing but blanks"):
        trim(nothing)


@pytest.mark.parametrize(
    "twin",
    ["Summer  deal", "Summer\u00a0deal", "Sum\u200bmer deal", " Summer\ndeal\ufeff"],
    ids=ascii,
)
def test_names_that_look_alike_are_one(twin: str) -> None:
    assert trim_name(twin) == "Summer deal"


def test_joiners_within_a_name_are_part_of_it() -> None:
    assert trim_name("a\u200cb \u200d c") == "a\u200cb \u200d c"


@given(st.text(min_size=1))
def test_trimming_twice_is_trimming_once(text: str) -> None:
    try:
        once = trim(text)
    except ValueError:
        assert not text.strip(BLANKS) or len(unicodedata.normalize("NFC", text)) > 200
        return
    within = str.maketrans("", "", SOFT_HYPHEN + ZERO_WIDTH + JOINER + BOM)
    assert trim(once) == once == unicodedata.normalize("NFC", text.translate(within).strip(BLANKS))
    assert once[0] not in BLANKS
    assert once[-1] not in BLANKS


def test_everything_that_unicode_calls_a_space_or_a_format_without_room_is_a_blank() -> None:
    spaces = {chr(n) for n in range(0x11000) if unicodedata.category(chr(n)) in {"Zs", "Zl", "Zp"}}

    assert spaces <= set(BLANKS)
    assert not any(character.isalnum() and character.isascii() for character in INVISIBLE)


class Held(BaseModel):
    key: Trimmed


def test_the_bounds_are_those_of_what_was_sent() -> None:
    assert Held(key="x" * 199 + " ").key == "x" * 199
    for refused in ("x" * 200 + " ", "a\0", " \u200b"):
        with pytest.raises(ValidationError):
            Held(key=refused)
