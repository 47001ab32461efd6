"""What a list is asked for: which rows, in which order, and which part of them. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from campaigns.listing.fields import Field
from campaigns.listing.values import Value

DEFAULT_LIMIT: Final = 10
DEFAULT_ORDER: Final = "-created_at"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing asked of one field; of several values any will do."""

    field: Field
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """What rows are asked for."""

    conditions: tuple[Condition, ...] = ()
    search: str | None = None
    any_of_them: bool = False  # junction: or

    def of(self, name: str) -> tuple[Condition, ...]:
        return tuple(each for each in self.conditions if each.field.name == name)


@dataclass(frozen=True, slots=True)
class Query:
    """A list: which rows, in which order, and which part of them."""

    filters: Filters = Filters()
    order: str = DEFAULT_ORDER
    limit: int = DEFAULT_LIMIT
    page: int = 1
    cursor: str | None = None
    form: str | None = None  # json or csv; None: as the caller accepts

    def spelt(self, code: Callable[[str], str]) -> "Query":
        """Return the same of codes, each of which, and what is searched, is as `code` spells it."""
        filters, search = self.filters, self.filters.search
        conditions = tuple(
            replace(each, values=tuple([code(str(value)) for value in each.values]))
            if each.field.kind == "code"
            else each
            for each in filters.conditions
        )
        search = None if search is None else code(search)
        return replace(self, filters=replace(filters, conditions=conditions, search=search))

    @property
    def key(self) -> str:
        return self.order.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.order.startswith("-")

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit
