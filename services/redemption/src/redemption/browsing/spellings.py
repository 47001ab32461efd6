"""Codes that somebody may have meant by another one, and how far they are apart. Pure."""

from collections.abc import Collection, Iterator
from typing import Final

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
LONGEST: Final = 30  # of a longer code only its neighbours are looked at
# What people read for each other.
ALIKE: Final = ("O0", "I1L", "S5", "B8", "Z2", "UV", "-_")


def variants(code: str) -> set[str]:
    """Return codes at a distance of one letter, or of what people mistake, in either case."""
    found = {code.upper(), code.lower()}
    if len(code) <= LONGEST:
        for text in {code, code.upper()}:
            found |= set(
                _one_away(text, LETTERS if text.upper() == text else LETTERS.lower() + LETTERS)
            )
        found |= set(_misread(code.upper()))
    return found - {code, ""}


def _one_away(text: str, letters: str) -> Iterator[str]:
    for i in range(len(text) + 1):
        before, after = text[:i], text[i:]
        yield from (before + letter + after for letter in letters)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _misread(text: str) -> Iterator[str]:
    """Replace all letters of a kind by another that looks like it."""
    for group in ALIKE:
        for meant in group:
            yield "".join(meant if letter in group else letter for letter in text)


def distance(one: str, other: str, most: int) -> int | None:
    """Return how many letters differ, swapped neighbours as one, case aside; None beyond `most`."""
    a, b = one.upper(), other.upper()
    if abs(len(a) - len(b)) > most:
        return None
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, its in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == its:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
        before_last, last = last, row
    return last[-1] if last[-1] <= most else None


def nearest(code: str, candidates: Collection[str], count: int) -> list[tuple[str, int]]:
    """Return the candidates nearest to a code, with their distances: a third of it at most."""
    most = max(1, len(code) // 3)
    found = [(d, each) for each in candidates if (d := distance(code, each, most)) is not None]
    return [(each, d) for d, each in sorted(found)[:count]]
