"""A list's query string, in each of the spellings that clients have: what is asked for.

    category=Winter & category=Spring, category[]=Winter      plain names, any of the values
    created_at[after]=2026-11-01, [created_at][after]=…        dates
    filters[category][conditions][$in][0]=Winter               brackets, as the JavaScript clients
    filters[category][conditions][$in]=['Winter', 'Spring']    the same, as the Python client

Whatever is not known here is refused by name: a filter that is ignored would return everything.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from campaigns.listing.fields import METADATA, Field, Fields
from campaigns.listing.filters import (
    DEFAULT_LIMIT,
    DEFAULT_ORDER,
    Condition,
    Filters,
    Query,
)
from campaigns.listing.values import (
    WITHOUT_VALUE,
    flag,
    one_of,
    read_values,
    searched,
    whole,
)
from campaigns.refusals import InvalidQueryError
from servicekit.http import brackets

MOST_ROWS: Final = 100
MOST_PAGES: Final = 1_000
FARTHEST: Final = 10_000  # rows before a page; beyond it go cursors
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


def parse(items: Iterable[tuple[str, str]], known: Fields) -> Query:
    """Read a query string, or raise who is refused: it names what is wrong with it."""
    asked = brackets.parse(
        list(items),
        plain=(*OPTIONS, *known.plain()),
        dates=known.dates(),
        fields=known.operators_by_name(),
        families={METADATA: known.metadata},
        junctions=("and", "or") if known.level == "campaign" else ("and",),
    )
    conditions = [
        _plainly(known.fields[name], values)
        for name, values in asked.plain.items()
        if name not in OPTIONS
    ]
    conditions += [_condition(known, each) for each in asked.conditions]
    order = _given(asked, "order", DEFAULT_ORDER)
    if not known.sorts_by(order.removeprefix("-")):
        orders = ", ".join((*known.orders, "metadata.<key>"))
        raise InvalidQueryError("order", f"{order[:100]} is unknown, known are {orders}")
    cursor, form = asked.one("cursor"), asked.one("format")
    if cursor is not None and "page" in asked.plain:
        raise InvalidQueryError("page", "is given beside cursor: one of them")
    if form is not None:
        one_of("format", form, ("json", "csv"))
    limit = whole("limit", _given(asked, "limit", str(DEFAULT_LIMIT)), 1, MOST_ROWS)
    page = whole("page", _given(asked, "page", "1"), 1, MOST_PAGES)
    if (page - 1) * limit >= FARTHEST:
        raise InvalidQueryError("page", f"begins beyond {FARTHEST:,} rows: go on by cursor")
    search = searched(asked.one("search"))
    filters = Filters(tuple(conditions), search, asked.junction == "or")
    return Query(filters, order, limit, page, cursor, form)


def _given(asked: brackets.Asked, name: str, usual: str) -> str:
    value = asked.one(name)
    return usual if value is None else value


def _plainly(field: Field, values: Sequence[str]) -> Condition:
    """Read a plain name: any of its values will do, of a flag there is one."""
    if field.kind in {"active", "flag"} and len(values) > 1:
        raise InvalidQueryError(field.name, "is given more than once")
    if field.kind == "active":
        return Condition(field, "$enabled" if flag(field.name, values[0]) else "$disabled", ())
    operator = "$is" if field.kind == "flag" else "$in"
    return Condition(field, operator, read_values(field.name, field, operator, values))


def _condition(known: Fields, asked: brackets.Condition) -> Condition:
    field = known.find(asked.field)
    assert field is not None  # noqa: S101 - it was found to get here
    operator = asked.operator if asked.operator.startswith("$") else f"${asked.operator}"
    if operator in OF_ONE_VALUE and len(asked.values) > 1:
        raise InvalidQueryError(asked.spelt, "is given more than once")
    return Condition(field, operator, read_values(asked.spelt, field, operator, asked.values))
