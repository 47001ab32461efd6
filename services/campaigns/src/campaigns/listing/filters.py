"""A list's query string, in each of the spellings that clients have: what is asked for. Pure.

    category=Winter & category=Spring, category[]=Winter      plain names, any of the values
    created_at[after]=2026-11-01, [created_at][after]=…        dates
    filters[category][conditions][$in][0]=Winter               brackets, as the JavaScript clients
    filters[category][conditions][$in]=['Winter', 'Spring']    the same, as the Python client

Whatever is not known here is refused by name: a filter that is ignored would return everything.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from campaigns.listing.fields import Field, Fields
from campaigns.listing.values import (
    WITHOUT_VALUE,
    Value,
    flag,
    one_of,
    python_list,
    read_values,
    searched,
    whole,
)
from campaigns.refusals import InvalidQueryError

MOST_CONDITIONS: Final = 50
MOST_VALUES: Final = 1_000
DEFAULT_LIMIT: Final = 10
MOST_ROWS: Final = 100
MOST_PAGES: Final = 1_000
FARTHEST: Final = 10_000  # rows before a page; beyond it go cursors
DEFAULT_ORDER: Final = "-created_at"
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
LEADING = re.compile(r"\[([^\[\]]+)\]")
OPTIONS: Final = ("order", "limit", "page", "cursor", "format", "search")
OF_ONE_VALUE: Final = (
    *WITHOUT_VALUE,
    "$after",
    "$before",
    "$more_than",
    "$less_than",
    "$more_than_equal",
    "$less_than_equal",
)


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

    @property
    def key(self) -> str:
        return self.order.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.order.startswith("-")

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit


def parse(items: Iterable[tuple[str, str]], known: Fields) -> Query:
    """Read a query string, or raise InvalidQueryError, which names what is wrong with it."""
    asked = _Asked(known)
    for name, value in items:
        asked.take(name, value)
    return asked.query()


class _Asked:
    """What has been read so far; a class because it gathers."""

    def __init__(self, known: Fields) -> None:
        self._known = known
        self._single: dict[str, str] = {}
        self._values: dict[tuple[str, str], list[str]] = {}  # of field and operator, in words
        self._shown: dict[tuple[str, str], str] = {}

    def take(self, name: str, value: str) -> None:
        if "\0" in value:
            raise InvalidQueryError(name, "holds a character that is no text")
        parts = _parts(name)
        if parts[0] == "filters":
            self._take_filter(name, parts[1:], value)
        elif parts[0] in OPTIONS and len(parts) == 1:
            self._take_option(parts[0], value)
        else:
            self._take_plain(name, parts, value)

    def _take_option(self, name: str, value: str) -> None:
        if name in self._single:
            raise InvalidQueryError(name, "is given more than once")
        self._single[name] = value

    def _take_plain(self, name: str, parts: Sequence[str], value: str) -> None:
        field = self._known.fields.get(parts[0])
        if field is None or not field.plain or field.kind == "number":
            raise InvalidQueryError(name, f"is unknown, known are {_names(self._known)}")
        rest = [part for part in parts[1:] if part and not part.isdigit()]
        if field.kind == "date":
            if rest not in (["after"], ["before"]) or len(parts) != len(["date", "after"]):
                raise InvalidQueryError(name, f"is asked {parts[0]}[after] or {parts[0]}[before]")
            self._add(name, field, f"${rest[0]}", value)
        elif rest or len(parts) > len(["name", "0"]):
            raise InvalidQueryError(name, f"is unknown, known are {_names(self._known)}")
        elif field.kind == "active":
            enabled = flag(name, value)
            self._add(name, field, "$enabled" if enabled else "$disabled", "true")
        else:
            self._add(name, field, "$is" if field.kind == "flag" else "$in", value)

    def _take_filter(self, name: str, parts: Sequence[str], value: str) -> None:
        if list(parts) == ["junction"]:
            self._take_option("filters[junction]", value)
            return
        match list(parts):
            case [field_name, "conditions", operator]:
                pass
            case [field_name, "conditions", operator, index] if not index or index.isdigit():
                pass
            case _:
                raise InvalidQueryError(
                    name, "is unknown, it should be filters[field][conditions][$operator]"
                )
        field = self._known.find(field_name)
        if field is None:
            known = ", ".join(sorted({*self._known.fields, "metadata.<key>"}))
            raise InvalidQueryError(name, f"is unknown, known fields are {known}")
        operators = self._known.operators(field)
        if operator not in operators:
            raise InvalidQueryError(
                name, f"{operator} is unknown of {field_name}, known are {', '.join(operators)}"
            )
        self._add(name, field, operator, value)

    def _add(self, shown: str, field: Field, operator: str, value: str) -> None:
        key = field.name, operator
        self._shown.setdefault(key, shown)
        self._values.setdefault(key, []).extend(python_list(value) or [value])
        if len(self._values) > MOST_CONDITIONS or len(self._values[key]) > MOST_VALUES:
            raise InvalidQueryError(shown, "asks for too much at once")

    def query(self) -> Query:
        single = self._single
        conditions = tuple(self._condition(*key, values) for key, values in self._values.items())
        any_of_them = one_of(
            "filters[junction]", single.get("filters[junction]", "and"), ("and", "or")
        )
        if any_of_them == "or" and self._known.level == "voucher":
            raise InvalidQueryError("filters[junction]", "or is not offered for codes: ask twice")
        page, limit = self._page()
        cursor = single.get("cursor")
        if cursor is not None and "page" in single:
            raise InvalidQueryError("page", "is given beside cursor: one of them")
        form = single.get("format")
        if form is not None:
            one_of("format", form, ("json", "csv"))
        order = single.get("order", DEFAULT_ORDER)
        if not self._known.sorts_by(order.removeprefix("-")):
            orders = ", ".join((*self._known.orders, "metadata.<key>"))
            raise InvalidQueryError("order", f"{order[:100]} is unknown, known are {orders}")
        search = single.get("search")
        return Query(
            Filters(conditions, searched(search), any_of_them == "or"),
            order,
            limit,
            page,
            cursor,
            form,
        )

    def _page(self) -> tuple[int, int]:
        limit = whole("limit", self._single.get("limit", str(DEFAULT_LIMIT)), 1, MOST_ROWS)
        page = whole("page", self._single.get("page", "1"), 1, MOST_PAGES)
        if (page - 1) * limit >= FARTHEST:
            raise InvalidQueryError("page", f"begins beyond {FARTHEST:,} rows: go on by cursor")
        return page, limit

    def _condition(self, name: str, operator: str, values: list[str]) -> Condition:
        field = self._known.find(name)
        assert field is not None  # noqa: S101 - it was found to get here
        shown = self._shown[name, operator]
        if operator in OF_ONE_VALUE and len(values) > 1:
            raise InvalidQueryError(shown, "is given more than once")
        return Condition(field, operator, read_values(shown, field, operator, values))


def _parts(name: str) -> list[str]:
    """Split `a[b][c]`, or `[a][b]`, into its names."""
    whole = NAME.fullmatch(LEADING.sub(r"\1", name, count=1) if name.startswith("[") else name)
    if whole is None:
        raise InvalidQueryError(name, "is unknown")
    return [whole[1], *re.findall(r"\[([^\[\]]*)\]", whole[2])]


def _names(known: Fields) -> str:
    plain = {f.name for f in known.fields.values() if f.plain and f.kind != "number"}
    return ", ".join(sorted(plain | {*OPTIONS, "filters"}))
