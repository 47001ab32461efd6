"""How a table is filled: every column says what its type is and where in an event its value is.

Pure. A block is built column by column, as ClickHouse wants it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

E = TypeVar("E")


class Place(Protocol):
    """Where a record lies on its topic."""

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...


@dataclass(frozen=True)
class Column(Generic[E]):
    """A column that an insert fills. Text of few values is sent plain, as `String`."""

    name: str
    type: str
    of: Callable[[E], Any]


PLACE = (
    Column[Place]("k_partition", "UInt16", lambda place: place.partition),
    Column[Place]("k_offset", "UInt64", lambda place: place.offset),
)


@dataclass(frozen=True)
class Table(Generic[E]):
    """A table and the columns that an insert fills; the others have defaults."""

    name: str
    columns: tuple[Column[E], ...]
    place: tuple[Column[Place], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*(c.name for c in self.columns), *(c.name for c in self.place))

    @property
    def types(self) -> tuple[str, ...]:
        return (*(c.type for c in self.columns), *(c.type for c in self.place))

    def block(self, events: Sequence[E], places: Sequence[Place]) -> list[list[Any]]:
        """Return the values of every column, event by event."""
        of_events = [list(map(column.of, events)) for column in self.columns]
        return of_events + [list(map(column.of, places)) for column in self.place]
