"""Query strings: a name that a route does not declare is refused, and so is one given twice.

A filter that is mistyped must not return everything. `application` asks this of every route, so
that none can forget it, and the edge of those that it serves itself. A route whose links strangers
decorate says so with `ANY_QUERY`.
"""

from collections.abc import Collection
from typing import Any, Final

from fastapi.dependencies.utils import get_flat_params
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams
from starlette.requests import Request

from servicekit.http.errors import invalid_query

MOST_NAMED: Final = 10
LONGEST_NAMED: Final = 100

# For `openapi_extra` of a route whose links pass through others' hands.
ANY_QUERY: Final[dict[str, Any]] = {"x-any-query": True}


async def refuse_unknown(request: Request) -> None:
    """Refuse what the route of this request does not declare; a dependency of all routes."""
    route = request.scope["route"]
    if request.scope["query_string"] and isinstance(route, APIRoute) and not _takes_any(route):
        check(request.query_params, declared(route))


def refuse_any(request: Request) -> None:
    """Refuse every query; for the routes that the edge serves itself, which read none."""
    if request.scope["query_string"]:
        check(request.query_params, known=())


def declared(route: APIRoute) -> frozenset[str]:
    """Return the names that a route reads from the query string."""
    return frozenset(
        field.alias
        for field in get_flat_params(route.dependant)
        if getattr(field.field_info, "in_", None) is ParamTypes.query
    )


def check(query: QueryParams, known: Collection[str]) -> None:
    """Raise ApiError 400 that names what is unknown or given twice, and what is known."""
    names = [name for name, _ in query.multi_items()]
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if unknown:
        what = "known are " + ", ".join(sorted(known)) if known else "no parameter is known here"
        shown = ", ".join(name[:LONGEST_NAMED] for name in unknown[:MOST_NAMED])
        raise invalid_query(
            f"unknown: {shown}; {what}", f"Query parameter {_first(unknown)}: is unknown, {what}"
        )
    repeated = [name for name in known if names.count(name) > 1]
    if repeated:
        raise invalid_query(
            f"{', '.join(sorted(repeated))}: is given more than once",
            f"Query parameter {_first(sorted(repeated))}: is given more than once",
        )


def _first(names: list[str]) -> str:
    return names[0][:LONGEST_NAMED]


def _takes_any(route: APIRoute) -> bool:
    return (route.openapi_extra or {}).get("x-any-query") is True
