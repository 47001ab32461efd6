"""The URL is the view: a query string read, written in one form, and changed by links. Pure.

A page says which names it knows; whatever else stands in a URL is unknown and is named in the
refusal, with a link to the view without it. The written form has no empty and no usual values, and
the names in the page's order: the same view has the same URL.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal
from urllib.parse import urlencode

LONGEST: Final = 200
LONGEST_NUMBER: Final = 12
MOST_PAIRS: Final = 200
# A zone reckons beyond either end of them without leaving the calendar.
YEARS: Final = range(1900, 2200)
SIZES: Final = ("25", "50", "100")

Kind = Literal["filter", "period", "order", "place"]
Pairs = Sequence[tuple[str, str]]


class UnknownError(Exception):
    """A name or a value that a page does not know; `without` is the query that it does know."""

    def __init__(self, name: str, value: str | None, without: str) -> None:
        super().__init__(name)
        self.name = name
        self.value = value
        self.without = without


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a query: `usual` is what its absence means, `knows` which values there are.

    A place (page, after, before) is dropped by whatever changes the rest.
    """

    name: str
    knows: Callable[[str], bool]
    usual: str = ""
    many: bool = False
    kind: Kind = "filter"


def text(name: str, *, many: bool = False) -> Name:
    return Name(name, lambda value: len(value) <= LONGEST, many=many)


def choice(name: str, values: Iterable[str], *, usual: str = "", many: bool = False) -> Name:
    known = frozenset(values)
    return Name(name, known.__contains__, usual, many)


def day(name: str) -> Name:
    return Name(name, _is_day)


def whole(name: str) -> Name:
    return Name(
        name, lambda value: value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER
    )


def order(fields: Iterable[str], usual: str) -> Name:
    """Let `sort` be one of these, either way: name, -name."""
    known = frozenset(way + field for field in fields for way in ("", "-"))
    return Name("sort", known.__contains__, usual, kind="order")


def size(usual: str = "50") -> Name:
    return Name("limit", SIZES.__contains__, usual, kind="order")


def columns(known: Iterable[str]) -> Name:
    """Let `cols` be some of these, each by its name."""
    return Name("cols", frozenset(known).__contains__, many=True, kind="order")


def page(last: int = 99) -> Name:
    return Name("page", lambda value: value in _numbers(last), "1", kind="place")


def cursor(name: str) -> Name:
    return Name(name, lambda value: len(value) <= LONGEST * 5, kind="place")


@dataclass(frozen=True, slots=True)
class Query:
    """The query string of a page, read. `asked` has what is not usual, in the page's order."""

    names: tuple[Name, ...]
    asked: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        """Return a value, the usual one if none is asked for."""
        found = self.asked.get(name)
        return found[0] if found else self._named(name).usual

    def many(self, name: str) -> tuple[str, ...]:
        return self.asked.get(name, ())

    def pairs(self, *names: str) -> Sequence[tuple[str, str]]:
        """Return what is asked by these names: what a form that has no field for them keeps."""
        return [(name, value) for name in names for value in self.many(name)]

    def written(self) -> str:
        """Write it in its one form, with a question mark where there is anything."""
        pairs = self.pairs(*(n.name for n in self.names))
        return "?" + urlencode(pairs) if pairs else ""

    def changed(self, name: str, *values: str) -> "Query":
        """Return the view with another value; where one was in the list is left."""
        kept = {n.name for n in self.names if n.kind != "place"} - {name}
        asked = {n: found for n, found in self.asked.items() if n in kept}
        wanted = tuple(value for value in values if value and value != self._named(name).usual)
        return replace(self, asked=asked | ({name: wanted} if wanted else {}))

    def without(self, name: str, value: str) -> "Query":
        """Return the view without one value of a filter."""
        return self.changed(name, *(each for each in self.many(name) if each != value))

    def cleared(self) -> "Query":
        """Return the view without any filter, of the same period and in the same order."""
        kept = {n.name for n in self.names if n.kind in ("period", "order")}
        return replace(self, asked={n: found for n, found in self.asked.items() if n in kept})

    def from_the_start(self) -> "Query":
        """Return the view without its place: all of its rows, as an export has them."""
        kept = {n.name for n in self.names if n.kind != "place"}
        return replace(self, asked={n: found for n, found in self.asked.items() if n in kept})

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """Return the filters that are set, one pair for each value: a page's chips."""
        return tuple(
            (n.name, value)
            for n in self.names
            if n.kind == "filter"
            for value in self.asked.get(n.name, ())
        )

    def sorted_by(self, field: str) -> Literal["ascending", "descending"] | None:
        """Say how the rows are sorted by a column, for its `aria-sort`."""
        sort = self.one("sort")
        if sort.removeprefix("-") != field:
            return None
        return "descending" if sort.startswith("-") else "ascending"

    def to_sort(self, field: str) -> "Query":
        """Return the view that a column's head leads to: descending first, then the other way."""
        return self.changed("sort", field if self.one("sort") == f"-{field}" else f"-{field}")

    def _named(self, name: str) -> Name:
        return next(each for each in self.names if each.name == name)


def read(names: Sequence[Name], pairs: Pairs) -> Query:
    """Read the pairs of a query string; raise UnknownError that names what is not known."""
    by_name = {each.name: each for each in names}
    asked: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        known = by_name.get(name)
        if known is None:
            raise UnknownError(name, None, _without(names, pairs, name, None))
        wanted = value.strip()
        if not wanted:
            continue
        is_second = name in asked and not known.many
        if is_second or not known.knows(wanted):
            raise UnknownError(name, value, _without(names, pairs, name, value))
        if wanted != known.usual and wanted not in asked.get(name, ()):
            asked[name] = (*asked.get(name, ()), wanted)
    return Query(tuple(names), asked)


def _without(names: Sequence[Name], pairs: Pairs, name: str, value: str | None) -> str:
    """Write the view that is left when nothing unknown is asked."""
    if len(pairs) > MOST_PAIRS:  # nobody's view
        return ""
    rest = [pair for pair in pairs if pair[0] != name or value not in (None, pair[1])]
    try:
        return read(names, rest).written()
    except UnknownError as error:
        return error.without


def read_day(text: str) -> date:
    """Read 2026-11-25; raise ValueError for no day, or one of no year that anybody plans in."""
    found = date.fromisoformat(text)
    if found.isoformat() != text or found.year not in YEARS:
        raise ValueError(text)
    return found


def _is_day(value: str) -> bool:
    try:
        read_day(value)
    except ValueError:
        return False
    return True


def _numbers(last: int) -> frozenset[str]:
    return frozenset(map(str, range(1, last + 1)))
