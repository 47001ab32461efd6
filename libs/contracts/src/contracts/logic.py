"""How the conditions of a rule hang together: `1 and (2 or not 3)`. Pure.

`not` binds before `and`, and that before `or`; in capitals they are the same words.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

LONGEST: Final = 1_000
MOST_LEVELS: Final = 20  # of brackets and of `not`

_TOKEN: Final = re.compile(r"\s*(?:([()])|([\w$]+)|(\S))")
_WORDS: Final = frozenset({"and", "or", "not"})


class Leaf(NamedTuple):
    """A condition, by its key."""

    key: str


class Not(NamedTuple):
    of: "Tree"


class All(NamedTuple):
    parts: tuple["Tree", ...]


class Some(NamedTuple):
    """One of these at least."""

    parts: tuple["Tree", ...]


Tree: TypeAlias = Leaf | Not | All | Some


def parse(logic: str) -> Tree:
    """Read it. Raises ValueError for what is none, and for what is nested too deep."""
    if len(logic) > LONGEST:
        raise ValueError(f"logic has {len(logic):,} characters, of which {LONGEST:,} are allowed")
    reader = _Reader(_tokens(logic))
    tree = reader.alternatives(MOST_LEVELS)
    if reader.rest:
        raise ValueError(f"logic: nothing was expected at {reader.rest[0]!r}")
    return tree


def keys_of(tree: Tree) -> Iterator[str]:
    """Name the conditions that stand in it, each as often as it does."""
    match tree:
        case Leaf(key):
            yield key
        case Not(of):
            yield from keys_of(of)
        case All(parts) | Some(parts):
            for part in parts:
                yield from keys_of(part)


def written(tree: Tree) -> str:
    """Write it; `parse` reads what means the same."""
    match tree:
        case Leaf(key):
            return key
        case Not(of):
            return f"not {written(of)}" if isinstance(of, Leaf) else f"not ({written(of)})"
        case All(parts):
            inner = [f"({written(p)})" if isinstance(p, Some) else written(p) for p in parts]
            return " and ".join(inner)
        case Some(parts):
            return " or ".join([written(part) for part in parts])


def _tokens(logic: str) -> list[str]:
    tokens = []
    for found in _TOKEN.finditer(logic.strip()):
        bracket, word, stray = found.groups()
        if stray is not None:
            raise ValueError(f"logic: {stray!r} is no part of it")
        tokens.append(bracket or (word.lower() if word.lower() in _WORDS else word))
    return tokens


class _Reader:
    """A class because it moves along."""

    def __init__(self, tokens: list[str]) -> None:
        self.rest = tokens

    def alternatives(self, levels: int) -> Tree:
        parts = [self._together(levels)]
        while self._next_is("or"):
            parts.append(self._together(levels))
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _together(self, levels: int) -> Tree:
        parts = [self._one(levels)]
        while self._next_is("and"):
            parts.append(self._one(levels))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, levels: int) -> Tree:
        if not levels:
            raise ValueError(f"logic is nested more than {MOST_LEVELS} levels deep")
        if self._next_is("not"):
            return Not(self._one(levels - 1))
        if self._next_is("("):
            inner = self.alternatives(levels - 1)
            if not self._next_is(")"):
                raise ValueError("logic: a bracket is not closed")
            return inner
        if not self.rest or self.rest[0] in _WORDS or self.rest[0] == ")":
            came = repr(self.rest[0]) if self.rest else "its end"
            raise ValueError(f"logic: a condition was expected, and {came} came")
        return Leaf(self.rest.pop(0))

    def _next_is(self, token: str) -> bool:
        if self.rest[:1] == [token]:
            self.rest.pop(0)
            return True
        return False
