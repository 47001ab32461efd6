"""Bodies: a name that is given twice in an object is refused.

Which of the two was meant nobody can tell, and readers differ: a limit would be there for one and
not for another. `application` asks this of every route whose body the framework reads, so that
none can forget it; who reads one himself calls `refuse_repeated_names`.
"""

import json
from collections import Counter
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.requests import Request

from servicekit.http.errors import invalid

LONGEST_NAMED: Final = 100


async def refuse_repeated(request: Request) -> None:
    """Refuse a body that says something twice; a dependency of all routes."""
    route = request.scope["route"]
    if isinstance(route, APIRoute) and route.body_field is not None:
        refuse_repeated_names(
            await request.body()
        )  # it is there: the framework has read it as JSON by now


def refuse_repeated_names(body: bytes) -> None:
    """Raise ApiError 400 that names what is given twice, at any depth."""
    try:
        json.loads(body, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        return  # no JSON, which the framework says itself


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) == len(pairs):
        return
    [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
    fault = f"{name[:LONGEST_NAMED]}: is given more than once"
    raise invalid(fault, f"Property .{fault}")
