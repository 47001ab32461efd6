"""The edge of HTTP: a request id for everybody, one log line each, and never a stack trace."""

import secrets
import time
from typing import Any

import asyncpg
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from redemption.api.errors import ApiError, render, unavailable

log = structlog.get_logger()

LONGEST_ID = 100
KEYS = {404: "not_found", 405: "method_not_allowed", 415: "unsupported_media_type"}


class Edge:
    """Outermost layer: plain ASGI, because it runs for every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under its own id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            log.exception("a bug", request_id=request_id, path=scope["path"])
            error = ApiError(500, "internal_error", "Internal error", "the fault is ours")
            if not status:
                response = await render(Request(scope), error)
                await response(scope, receive, sending)
        log.info(
            "served",
            request_id=request_id,
            method=scope["method"],
            path=scope["path"],
            status=status,
            milliseconds=round((time.perf_counter() - began) * 1000, 1),
        )


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and len(value) <= LONGEST_ID and value.isascii():
            return str(value.decode())
    return f"v-{secrets.token_hex(9)}"


async def on_http_error(request: Request, error: Exception) -> Response:
    """Give the framework's own refusals (no such route, no such method) the error object."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    key = KEYS.get(error.status_code, "invalid_payload")
    return await render(request, ApiError(error.status_code, key, error.detail))


async def on_outage(request: Request, error: Exception) -> Response:
    """Say that Postgres is away: whether the redemption happened is answered by its key."""
    log.warning("outage", error=repr(error), request_id=request.state.request_id)
    advice = "send the same request again with the same Idempotency-Key"
    return await render(request, unavailable(advice))


HANDLERS: dict[Any, Any] = {
    ApiError: render,
    HTTPException: on_http_error,
    asyncpg.PostgresError: on_outage,
    asyncpg.InterfaceError: on_outage,
    asyncpg.InternalClientError: on_outage,  # it met a connection that was just being cut
    OSError: on_outage,
}
