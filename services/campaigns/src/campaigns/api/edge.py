"""What every request passes: its id, the size limit, one log line, and its path as it was sent."""

import re
import secrets
import time
from urllib.parse import unquote_to_bytes

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from campaigns.metrics import Metrics

LARGEST_BODY = 10 * 1024 * 1024
REQUEST_ID = re.compile(rb"[0-9A-Za-z._:-]{1,100}")

log = structlog.get_logger()


class Edge:
    """The outermost layer of the api; a class because ASGI asks for one."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        # Routes match the path as it was sent: a code may hold an encoded slash.
        scope["path"] = scope["raw_path"].decode("ascii", "replace")
        started = time.perf_counter()
        status = 500

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, _limited(scope, receive), tell)
            finally:
                self._account(scope, status, time.perf_counter() - started)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        # The route and not the path: paths hold codes, queries hold customers.
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.requests.labels(scope["method"], route, status).observe(seconds)
        if route not in {"/livez", "/readyz", "/metrics"}:
            log.info(
                "answered",
                method=scope["method"],
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 1),
            )


def _request_id(scope: Scope) -> str:
    given = _header(scope, b"x-request-id")
    if given is not None and REQUEST_ID.fullmatch(given):
        return given.decode()
    return "v-" + secrets.token_hex(9)


def _header(scope: Scope, name: bytes) -> bytes | None:
    values: dict[bytes, bytes] = dict(scope["headers"])
    return values.get(name)


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Refuse a body that is announced too large, or grows so."""
    received = 0
    announced = _header(scope, b"content-length") or b"0"

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY or int(announced) > LARGEST_BODY:
            raise HTTPException(413, "Payload too large")
        return message

    return counted


def decoded(segment: str) -> str:
    """Read a path segment as it was meant; one that is no text names nothing."""
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise HTTPException(404, "Resource not found")
    return text
