"""What lets pages of other origins ask an api (CORS): not who may, which their key decides.

No cookie is ever meant, so whatever origin asks may read its answer: also why it was refused.
"""

from collections.abc import Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

METHODS: Final = "POST"
REMEMBERED_SECONDS: Final = "600"
READABLE: Final = b"x-request-id, retry-after, idempotent-replayed"

Headers = Iterable[tuple[bytes, bytes]]


def allowing(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return what lets the page that asked read the answer; nothing where no page did."""
    origin = _sent(headers, b"origin")
    if origin is None:
        return [(b"vary", b"origin")]
    return [
        (b"vary", b"origin"),
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", READABLE),
    ]


def preflight(request: Request) -> Response:
    """Answer what a browser asks first: whether a page may send this at all. It has no key yet."""
    allowed = {
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": request.headers.get("access-control-request-headers", ""),
        "access-control-max-age": REMEMBERED_SECONDS,
    }
    return Response(status_code=204, headers=allowed)


def _sent(headers: Headers, name: bytes) -> bytes | None:
    return next((value for each, value in headers if each == name), None)
