"""What a route of FastAPI declares of its query string, and the refusal of everything else.

A route whose links strangers decorate says so with `ANY_QUERY`.
"""

from collections.abc import Iterator
from typing import Any, Final

from fastapi._compat import field_annotation_is_sequence
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute
from starlette.requests import Request

from servicekit.http.queries import check

# For `openapi_extra` of a route whose links pass through others' hands.
ANY_QUERY: Final[dict[str, Any]] = {"x-any-query": True}


async def refuse_unknown(request: Request) -> None:
    """Refuse what the route of this request does not declare; a dependency of all routes."""
    route = request.scope["route"]
    if request.scope["query_string"] and isinstance(route, APIRoute) and not _takes_any(route):
        check(request.query_params, declared(route), lists(route))


def declared(route: APIRoute) -> frozenset[str]:
    """Return the names that a route reads from the query string."""
    return frozenset(name for name, _ in _declared(route))


def lists(route: APIRoute) -> frozenset[str]:
    """Return those of them that may be repeated: their values are read as a list."""
    return frozenset(name for name, is_list in _declared(route) if is_list)


def _declared(route: APIRoute) -> Iterator[tuple[str, bool]]:
    for field in get_flat_params(route.dependant):
        if getattr(field.field_info, "in_", None) is ParamTypes.query:
            yield field.alias, field_annotation_is_sequence(field.field_info.annotation)


def _takes_any(route: APIRoute) -> bool:
    return (route.openapi_extra or {}).get("x-any-query") is True
