"""A list's query string, in each of the spellings that clients have: what is asked for. Pure.

    category=Winter & category=Spring, category[]=Winter      plain names, any of the values
    created_at[after]=2026-11-01, [created_at][after]=…        dates
    filters[category][conditions][$in][0]=Winter               brackets, as the JavaScript clients
    filters[category][conditions][$in]=['Winter', 'Spring']    the same, as the Python client

Whatever is not known here is refused by name: a filter that is ignored would return everything.
"""

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from campaigns import status
from campaigns.api.fields import moment
from campaigns.listing.fields import Field, Fields
from campaigns.refusals import InvalidQueryError
from contracts.text import trim, trim_name

MOST_CONDITIONS: Final = 50
MOST_VALUES: Final = 1_000
LONGEST_VALUE: Final = 200
DEFAULT_LIMIT: Final = 10
MOST_ROWS: Final = 100
MOST_PAGES: Final = 1_000
FARTHEST: Final = 10_000  # rows before a page; beyond it go cursors
DEFAULT_ORDER: Final = "-created_at"
NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
LEADING = re.compile(r"\[([^\[\]]+)\]")
SHORTEST_PART: Final = 3  # of a code, anywhere within it; its beginning may be shorter
OPTIONS: Final = ("order", "limit", "page", "cursor", "format", "search")
WITHOUT_VALUE: Final = ("$has_value", "$is_unknown", "$enabled", "$disabled", "$active", "$expired")
OF_ONE_VALUE: Final = (
    *WITHOUT_VALUE,
    "$after",
    "$before",
    "$more_than",
    "$less_than",
    "$more_than_equal",
    "$less_than_equal",
)

Value = str | datetime | Decimal | bool | int


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
            enabled = _flag(name, value)
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
        self._values.setdefault(key, []).extend(_python_list(value) or [value])
        if len(self._values) > MOST_CONDITIONS or len(self._values[key]) > MOST_VALUES:
            raise InvalidQueryError(shown, "asks for too much at once")

    def query(self) -> Query:
        single = self._single
        conditions = tuple(self._condition(*key, values) for key, values in self._values.items())
        any_of_them = _one_of(
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
            _one_of("format", form, ("json", "csv"))
        order = single.get("order", DEFAULT_ORDER)
        if not self._known.sorts_by(order.removeprefix("-")):
            orders = ", ".join((*self._known.orders, "metadata.<key>"))
            raise InvalidQueryError("order", f"{order[:100]} is unknown, known are {orders}")
        search = single.get("search")
        return Query(
            Filters(conditions, _search(search), any_of_them == "or"),
            order,
            limit,
            page,
            cursor,
            form,
        )

    def _page(self) -> tuple[int, int]:
        limit = _whole("limit", self._single.get("limit", str(DEFAULT_LIMIT)), 1, MOST_ROWS)
        page = _whole("page", self._single.get("page", "1"), 1, MOST_PAGES)
        if (page - 1) * limit >= FARTHEST:
            raise InvalidQueryError("page", f"begins beyond {FARTHEST:,} rows: go on by cursor")
        return page, limit

    def _condition(self, name: str, operator: str, values: list[str]) -> Condition:
        field = self._known.find(name)
        assert field is not None  # noqa: S101 - it was found to get here
        shown = self._shown[name, operator]
        if operator in OF_ONE_VALUE and len(values) > 1:
            raise InvalidQueryError(shown, "is given more than once")
        return Condition(field, operator, _values(shown, field, operator, values))


def _values(shown: str, field: Field, operator: str, values: Sequence[str]) -> tuple[Value, ...]:
    if operator in WITHOUT_VALUE:
        if values[0] not in {"", "true"}:
            raise InvalidQueryError(shown, "takes nothing, or true")
        return ()
    read: Callable[[str, str], Value] = _name if field.kind == "text" else _text
    if field.kind == "date":
        read = _moment
    elif field.kind == "number":
        read = _integer
    elif operator.startswith(("$more", "$less")):
        read = _number
    elif field.kind == "flag":
        read = _flag
    found = tuple(read(shown, value) for value in values)
    for value in found:
        allowed = status.STATUSES if field.kind == "status" else field.values
        if allowed and value not in allowed:
            raise InvalidQueryError(shown, f"should be one of {', '.join(allowed)}")
        if field.kind == "code" and operator == "$contains" and len(str(value)) < SHORTEST_PART:
            raise InvalidQueryError(shown, f"should have {SHORTEST_PART} characters or more")
    return found


def _parts(name: str) -> list[str]:
    """Split `a[b][c]`, or `[a][b]`, into its names."""
    whole = NAME.fullmatch(LEADING.sub(r"\1", name, count=1) if name.startswith("[") else name)
    if whole is None:
        raise InvalidQueryError(name, "is unknown")
    return [whole[1], *re.findall(r"\[([^\[\]]*)\]", whole[2])]


def _python_list(value: str) -> list[str] | None:
    """Read `['A', 'B']`, as the official Python client writes lists; None is none."""
    if not (value.startswith("[") and value.endswith("]")) or len(value) > LONGEST_VALUE**2:
        return None
    try:
        read: Any = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(read, list) or not all(isinstance(one, str | int | float) for one in read):
        return None
    return [str(one) for one in read]


def _names(known: Fields) -> str:
    plain = {f.name for f in known.fields.values() if f.plain and f.kind != "number"}
    return ", ".join(sorted(plain | {*OPTIONS, "filters"}))


def _text(shown: str, value: str) -> str:
    if len(value) > LONGEST_VALUE:
        raise InvalidQueryError(shown, f"should have {LONGEST_VALUE} characters at most")
    try:
        return trim(value)
    except ValueError:
        raise InvalidQueryError(shown, "should not be empty") from None


def _name(shown: str, value: str) -> str:
    return trim_name(_text(shown, value))


def _search(value: str | None) -> str | None:
    return None if value is None else _text("search", value)


def _moment(shown: str, value: str) -> datetime:
    try:
        return moment(value)
    except ValueError as error:
        raise InvalidQueryError(shown, str(error)) from None


def _number(shown: str, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > Decimal(2**63):
        raise InvalidQueryError(shown, "should be a number")
    return number


def _integer(shown: str, value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise InvalidQueryError(shown, "should be a whole number")
    return int(value)


def _flag(shown: str, value: str) -> bool:
    return _one_of(shown, value, ("true", "false")) == "true"


def _one_of(shown: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise InvalidQueryError(shown, f"should be one of {', '.join(known)}")
    return value


def _whole(shown: str, value: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise InvalidQueryError(shown, f"should be a whole number from {least} to {most:,}")
    return int(value)
