"""How the conditions of a rule hang together, as the API writes it: `1 and (2 or not 3)`. Pure.

`not` binds before `and`, and that before `or`.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

LONGEST: Final = 1_000
MOST_LEVELS: Final = 20
TOKEN: Final = re.compile(r"\s*([()]|[\w$]+|\S)")
WORDS: Final = frozenset({"and", "or", "not", "(", ")"})


class Leaf(NamedTuple):
    """A condition, by its key."""

    key: str


class Not(NamedTuple):
    of: "Tree"


class Group(NamedTuple):
    """All of these, or one of them at least."""

    is_all: bool
    parts: tuple["Tree", ...]


Tree: TypeAlias = Leaf | Not | Group


def parse(text: str) -> Tree:
    """Read it; raise ValueError where it is none."""
    if len(text) > LONGEST:
        raise ValueError(text)
    words = TOKEN.findall(text.strip())
    tokens = [each.lower() if each.lower() in WORDS else each for each in words]
    tree, rest = _joined(tokens, is_all=False, levels=MOST_LEVELS)
    if rest:
        raise ValueError(rest[0])
    return tree


def write(tree: Tree) -> str:
    """Write it as the API does."""
    match tree:
        case Leaf(key):
            return key
        case Not(of):
            return f"not {_bracketed(of)}"
        case Group(is_all, parts):
            return (" and " if is_all else " or ").join(map(_bracketed, parts))


def keys(tree: Tree) -> frozenset[str]:
    """Name the conditions that stand in it."""
    match tree:
        case Leaf(key):
            return frozenset((key,))
        case Not(of):
            return keys(of)
        case Group(_, parts):
            return frozenset().union(*map(keys, parts))


def joined(parts: Sequence[Tree], *, is_all: bool) -> Tree:
    """Put parts together; one alone needs no group."""
    return parts[0] if len(parts) == 1 else Group(is_all, tuple(parts))


def _bracketed(tree: Tree) -> str:
    return f"({write(tree)})" if isinstance(tree, Group) else write(tree)


def _joined(tokens: list[str], *, is_all: bool, levels: int) -> tuple[Tree, list[str]]:
    parts, word = [], "and" if is_all else "or"
    while True:
        part, tokens = (
            _one(tokens, levels) if is_all else _joined(tokens, is_all=True, levels=levels)
        )
        parts.append(part)
        if tokens[:1] != [word]:
            return joined(parts, is_all=is_all), tokens
        tokens = tokens[1:]


def _one(tokens: list[str], levels: int) -> tuple[Tree, list[str]]:
    if not tokens or not levels:
        raise ValueError
    first, rest = tokens[0], tokens[1:]
    if first == "not":
        of, rest = _one(rest, levels - 1)
        return Not(of), rest
    if first == "(":
        inner, rest = _joined(rest, is_all=False, levels=levels - 1)
        if rest[:1] != [")"]:
            raise ValueError(first)
        return inner, rest[1:]
    if first in WORDS or not re.fullmatch(r"[\w$]+", first):
        raise ValueError(first)
    return Leaf(first), rest
