"""Text as people paste it: what nobody sees of it is nobody's meaning.

The one place that says what a blank is. Codes, customers and ids lose those at their ends wherever
they come in, so that what was pasted with one finds what was issued without. And a letter with a
mark is one, whether it was typed as one or as two (Unicode's NFC): or a code would be unknown to
half of those who type it, and a customer would have its limit twice.
"""

from typing import Annotated, Final
from unicodedata import normalize

from pydantic import AfterValidator

from contracts.event import LONGEST_IDENTIFIER, Identifier

# What `str.strip` leaves although it takes no room: soft hyphen, grapheme joiner, Hangul fillers,
# the zero-width characters, marks of direction, word joiner, the empty Braille cell, byte order
# mark. A variation selector is not among them: it is a part of the emoji before it.
INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
    "\u2800\u3164\ufeff\uffa0"
)
BLANKS: Final = INVISIBLE + "".join(chr(n) for n in range(0x3001) if chr(n).isspace())

# Inside a text these are nobody's meaning either; the joiners are, in Persian and in emoji.
_WITHIN: Final = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")


def trim(text: str) -> str:
    """Return the text as it looks, without blanks at its ends.

    Raises ValueError where nothing else is there, or more than an id may have.
    """
    trimmed = text.strip()
    if not trimmed.isascii():
        trimmed = normalize("NFC", trimmed.translate(_WITHIN).strip(BLANKS))
        if len(trimmed) > LONGEST_IDENTIFIER:  # some letters are two where they were one
            raise ValueError(f"has more than {LONGEST_IDENTIFIER} characters")
    if not trimmed:
        raise ValueError("holds nothing but blanks")
    return trimmed


def trim_name(text: str) -> str:
    """Return a name as it looks: trimmed, and one space for any run of blanks within."""
    return " ".join(trim(text).split())


Trimmed = Annotated[Identifier, AfterValidator(trim)]
