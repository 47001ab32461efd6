"""The logic of a rule as groups of conditions, as a form has them; and the other way. Pure.

A group is all, one at least, none or not all of its conditions, each of which may be turned round;
of the groups all have to be met, or one is enough. Deeper logic stands as it is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from console.web import logic
from console.web.logic import Group, Leaf, Not, Tree

How = Literal["all", "any", "none", "not_all"]

HOWS: Final[tuple[How, ...]] = ("all", "any", "none", "not_all")


@dataclass(frozen=True, slots=True)
class Grouped:
    """A group: its conditions by their keys, those that are turned round too."""

    how: How
    parts: tuple[tuple[str, bool], ...]  # a key, and whether it must not be met


def tree_of(groups: Sequence[Grouped], *, is_all: bool) -> Tree:
    """Put groups together; there is one at least, and a condition in each."""
    return logic.joined([_tree(each) for each in groups], is_all=is_all)


def groups_of(tree: Tree) -> tuple[Sequence[Grouped], bool] | None:
    """Return the groups and whether all have to be met; None where it is too deep for that."""
    if (one := _group(tree)) is not None:
        return (one,), True
    if not isinstance(tree, Group):
        return None
    own = tuple(leaf for part in tree.parts if (leaf := _leaf(part)) is not None)
    rest = [_group(part) for part in tree.parts if _leaf(part) is None]
    found = [each for each in rest if each is not None]
    if len(found) < len(rest):
        return None
    beside = [Grouped("all" if tree.is_all else "any", own)] if own else []
    return [*beside, *found], tree.is_all


def canonical(tree: Tree) -> Mapping[str, object] | str:
    """Return what is equal of trees that mean the same in another order."""
    match tree:
        case Leaf(key):
            return key
        case Not(Not(of)):
            return canonical(of)
        case Not(of):
            return {"not": canonical(of)}
        case Group(is_all, parts):
            inner = [each for part in parts for each in _flat(part, is_all=is_all)]
            return {"all" if is_all else "any": sorted(map(repr, map(canonical, inner)))}


def _flat(tree: Tree, *, is_all: bool) -> Sequence[Tree]:
    if isinstance(tree, Group) and tree.is_all == is_all:
        return [each for part in tree.parts for each in _flat(part, is_all=is_all)]
    return (tree,)


def _tree(group: Grouped) -> Tree:
    leaves = [Not(Leaf(key)) if is_not else Leaf(key) for key, is_not in group.parts]
    inner = logic.joined(leaves, is_all=group.how in ("all", "not_all"))
    return Not(inner) if group.how in ("none", "not_all") else inner


def _group(tree: Tree) -> Grouped | None:
    """Return a tree as one group, if it is one."""
    if (leaf := _leaf(tree)) is not None:
        return Grouped("all", (leaf,))
    is_not = isinstance(tree, Not)
    inner = tree.of if isinstance(tree, Not) else tree
    if not isinstance(inner, Group):
        return None
    leaves = [_leaf(part) for part in inner.parts]
    parts = tuple(each for each in leaves if each is not None)
    if len(parts) < len(leaves):
        return None
    if is_not:
        return Grouped("not_all" if inner.is_all else "none", parts)
    return Grouped("all" if inner.is_all else "any", parts)


def _leaf(tree: Tree) -> tuple[str, bool] | None:
    """Return a tree as one condition, if it is one, and whether it is turned round."""
    if isinstance(tree, Leaf):
        return tree.key, False
    inner = _leaf(tree.of) if isinstance(tree, Not) else None
    return None if inner is None else (inner[0], not inner[1])
