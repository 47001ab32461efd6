"""Bodies: a name that is given twice in an object is refused.

`application` asks this of every route whose body the framework reads, so that none can forget it;
who reads one himself calls `refuse_repeated_names`.
"""

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request

from servicekit import repeated_names
from servicekit.http.errors import invalid


async def refuse_repeated(request: Request) -> None:
    """Refuse a body that says something twice; a dependency of all routes."""
    route = request.scope["route"]
    if isinstance(route, APIRoute) and route.body_field is not None:
        # It is there: the framework has read it as JSON by now.
        refuse_repeated_names(await request.body())


async def whole_body(request: Request) -> bytes:
    """Return a body that nobody else reads: most come by one message, and need no generator.

    Raises ClientDisconnect where it is not sent to its end.
    """
    parts = []
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def refuse_repeated_names(body: bytes) -> None:
    """Raise ApiError 400 that names what is given twice, at any depth."""
    try:
        repeated_names.refuse_repeated_names(body)
    except repeated_names.RepeatedNameError as error:
        raise invalid(str(error), f"Property .{error}") from error
    except (ValueError, RecursionError):
        return  # no JSON, which the framework says itself
