"""How codes are spelt where letter case tells nothing: in capitals, wherever they come in.

So one code is one text in every table, index, key and report, and all compare by equality.
"""

from unicodedata import normalize


def in_capitals(code: str) -> str:
    """Return a trimmed code as a project spells it that does not tell letter case.

    By Unicode's own folding, so `straße` and `STRASSE` are one: it may be longer than before.
    """
    if code.isascii():
        return code.upper()
    return normalize("NFC", normalize("NFC", code.casefold()).upper())
