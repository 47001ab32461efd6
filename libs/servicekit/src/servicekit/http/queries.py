"""Query strings: a name that a route does not declare is refused, and so is one given twice.

A name that a route reads as a list may come as often as there are values.

A filter that is mistyped must not return everything. `application` asks this of every route, so
that none can forget it, and the edge of those that it serves itself.
"""

from collections.abc import Collection
from typing import Final

from starlette.datastructures import QueryParams
from starlette.requests import Request

from servicekit.http.errors import invalid_query

MOST_NAMED: Final = 10
LONGEST_NAMED: Final = 100


def refuse_any(request: Request) -> None:
    """Refuse every query; for the routes that the edge serves itself, which read none."""
    if request.scope["query_string"]:
        check(request.query_params, known=())


def check(query: QueryParams, known: Collection[str], lists: Collection[str] = ()) -> None:
    """Raise ApiError 400 that names what is unknown or given twice, and what is known."""
    names = [name for name, _ in query.multi_items()]
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if unknown:
        what = "known are " + ", ".join(sorted(known)) if known else "no parameter is known here"
        shown = ", ".join(name[:LONGEST_NAMED] for name in unknown[:MOST_NAMED])
        raise invalid_query(
            f"unknown: {shown}; {what}", f"Query parameter {_first(unknown)}: is unknown, {what}"
        )
    repeated = [name for name in known if name not in lists and names.count(name) > 1]
    if repeated:
        raise invalid_query(
            f"{', '.join(sorted(repeated))}: is given more than once",
            f"Query parameter {_first(sorted(repeated))}: is given more than once",
        )


def _first(names: list[str]) -> str:
    return names[0][:LONGEST_NAMED]
