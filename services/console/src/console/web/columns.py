"""The columns of a list: all there are, which of them a view shows, and how they are offered. Pure.

A list keeps its columns as a tuple; their heads are texts of its words, by the column's key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from console.design.parts import Column, Option
from console.design.words import say
from console.query import Query
from console.web import listing


def headed(
    asks: Query, columns: Iterable[Column], sorts: Iterable[str], *, words: str
) -> tuple[Column, ...]:
    """Write the heads of columns, from `words/<words>.toml`, as links if the API sorts by them."""
    labelled = [replace(column, label=say(f"{words}.{column.key}")) for column in columns]
    return linked(asks, labelled, sorts)


def linked(asks: Query, columns: Iterable[Column], sorts: Iterable[str]) -> tuple[Column, ...]:
    """Let the heads of these columns be links if the API sorts by them."""
    sortable = frozenset(sorts)
    return tuple(
        replace(
            column,
            sort_href=listing.link(asks.to_sort(column.key)),
            sorted=asks.sorted_by(column.key) or "",
        )
        if column.key in sortable
        else column
        for column in columns
    )


def usual(own: Sequence[str], known: Iterable[Column], otherwise: Sequence[str]) -> Sequence[str]:
    """Return a list's columns unless others are asked for: one's own, as far as it has them."""
    keys = {column.key for column in known}
    return [key for key in own if key in keys] or otherwise


def chosen(asks: Query, known: Iterable[Column], usual: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of a view, in the list's order."""
    wanted = asks.many("cols") or usual
    return tuple(column for column in known if column.key in wanted)


def offered(known: Iterable[Column], shown: Iterable[Column]) -> tuple[Option, ...]:
    """Offer all columns to choose from, those that are shown ticked."""
    ticked = {column.key for column in shown}
    return tuple(Option(each.key, each.label, each.key in ticked) for each in known)
