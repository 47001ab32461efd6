"""Text as people paste it: blanks at its ends are nobody's meaning, and nobody sees them.

The one place that says what a blank is. Codes, customers and ids lose those at their ends wherever
they come in, so that what was pasted with one finds what was issued without.
"""

from typing import Annotated, Final

from pydantic import AfterValidator

from contracts.event import Identifier

# What `str.strip` leaves although it takes no room: soft hyphen, grapheme joiner, Hangul fillers,
# the zero-width characters, marks of direction, word joiner, the empty Braille cell, byte order
# mark. A variation selector is not among them: it is a part of the emoji before it.
INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
    "\u2800\u3164\ufeff\uffa0"
)
BLANKS: Final = INVISIBLE + "".join(chr(n) for n in range(0x3001) if chr(n).isspace())

# Inside a name these are nobody's meaning either; the joiners are, in Persian and in emoji.
_WITHIN: Final = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")


def trim(text: str) -> str:
    """Return the text without blanks at its ends; raise ValueError where nothing else is there."""
    trimmed = text.strip()
    if not trimmed.isascii():
        trimmed = trimmed.strip(BLANKS)
    if not trimmed:
        raise ValueError("holds nothing but blanks")
    return trimmed


def trim_name(text: str) -> str:
    """Return a name as it looks: trimmed, and one space for any run of blanks within."""
    return " ".join(trim(text).translate(_WITHIN).split())


Trimmed = Annotated[Identifier, AfterValidator(trim)]
