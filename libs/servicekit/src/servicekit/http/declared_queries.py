"""What a route of FastAPI declares of its query string, and the refusal of everything else.

A route whose links strangers decorate says so with `ANY_QUERY`.
"""

from typing import Any, Final

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
        check(request.query_params, declared(route))


def declared(route: APIRoute) -> frozenset[str]:
    """Return the names that a route reads from the query string."""
    return frozenset(
        field.alias
        for field in get_flat_params(route.dependant)
        if getattr(field.field_info, "in_", None) is ParamTypes.query
    )


def _takes_any(route: APIRoute) -> bool:
    return (route.openapi_extra or {}).get("x-any-query") is True
