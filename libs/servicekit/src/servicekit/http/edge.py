"""The edge of HTTP: what every request passes, outermost and in plain ASGI.

Each request has an id, its caller's or a fresh one; its time is counted under its route's template;
its body is bounded; and it gets an answer, an error object at worst, never a stack trace. A request
that failed or was slow has a line in the log; one that went well is in the metric only, because the
line cost an eighth of the whole request.
"""

import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from prometheus_client import Histogram
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.health import PATHS as HEALTH_PATHS
from servicekit.http import queries
from servicekit.http.errors import (
    INTERNAL,
    internal,
    invalid,
    render,
    too_large,
    unavailable,
)
from servicekit.metrics import Metrics

log = structlog.get_logger()

REQUEST_ID: Final = re.compile(rb"[0-9A-Za-z._:-]{1,100}")
LARGEST_BODY: Final = 10_000_000
SLOW_SECONDS: Final = 1.0
FAILED: Final = 400
NO_ROUTE: Final = "none"

Endpoint = Callable[[Request], Awaitable[Response]]
IsOutage = Callable[[BaseException], bool]


class Edge:
    """The outermost layer of an api; a class because ASGI asks for one.

    `is_outage` says which errors mean that the service's store is away, `outage_advice` what its
    callers should do then. `hot` routes are served here, before the framework looks for a route: on
    a short request its routing cost more than all the rest.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        is_outage: IsOutage,
        *,
        outage_advice: str = "try again in a moment",
        largest_body: int = LARGEST_BODY,
        hot: Mapping[tuple[str, str], Endpoint] | None = None,
    ) -> None:
        self._app = app
        self._is_outage = is_outage
        self._outage_advice = outage_advice
        self._largest_body = largest_body
        self._hot = {
            method_and_path: _as_application(method_and_path[1], endpoint)
            for method_and_path, endpoint in (hot or {}).items()
        }
        self._account = Account(metrics.http_request_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        # Routes match the path as it was sent: an id may hold an encoded slash.
        scope["path"] = scope["raw_path"].decode("ascii", "replace")
        status = 0
        held: list[Message] = []

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                ]
            if status == INTERNAL:  # perhaps the framework's word on an error that we shall see
                held.append(message)
            else:
                await send(message)

        app = self._hot.get((scope["method"], scope["path"]), self._app)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await app(scope, _limited(scope, receive, self._largest_body), sending)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is answered and logged
                response = self._answer_to(error, Request(scope))
                if status in {0, INTERNAL}:
                    held.clear()
                    await response(scope, receive, sending)
            for message in held:
                await send(message)
            self._account.add(scope, status or INTERNAL, time.perf_counter() - began)

    def _answer_to(self, error: Exception, request: Request) -> Response:
        if isinstance(error, HTTPException):
            return render(request, error)
        if isinstance(error, ClientDisconnect):  # read by nobody; counted, and no fault of ours
            return render(request, invalid("the body was not sent to its end"))
        if self._is_outage(error):
            log.warning("outage", error=repr(error))
            return render(request, unavailable(self._outage_advice))
        log.error("request_failed", exc_info=error)
        return render(request, internal())


class Account:
    """Counts requests by the route's template, and logs those that failed or were slow."""

    def __init__(self, seconds: Histogram) -> None:
        self._seconds = seconds
        self._known: dict[tuple[str, str, int], Histogram] = {}  # a label look-up costs 1 µs

    def add(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = scope["method"], _route(scope)
        key = (method, route, status)
        counted = self._known.get(key)
        if counted is None:
            counted = self._known[key] = self._seconds.labels(*key)
        counted.observe(seconds)
        if (status >= FAILED or seconds >= SLOW_SECONDS) and route not in HEALTH_PATHS:
            log.info(
                "request",
                method=method,
                route=route,
                status=status,
                error=scope["state"].get("error_key"),
                milliseconds=round(seconds * 1000, 1),
            )


def _route(scope: Scope) -> str:
    # The template and not the path: paths hold codes, and are without number.
    route = scope.get("route")
    if route is not None:
        return str(getattr(route, "path", NO_ROUTE))
    return scope["path"] if scope["path"] in HEALTH_PATHS else NO_ROUTE


def _as_application(path: str, endpoint: Endpoint) -> ASGIApp:
    route = _HotRoute(path)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = route
        request = Request(scope, receive)
        if scope["query_string"]:  # which a hot route never reads
            queries.check(request.query_params, known=())
        response = await endpoint(request)
        await response(scope, receive, send)

    return application


class _HotRoute:
    """As much of a route as the account asks for."""

    def __init__(self, path: str) -> None:
        self.path = path


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return f"v-{secrets.token_hex(9)}"


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Refuse a body that is announced too large, or grows so."""
    announced = next((v for n, v in scope["headers"] if n == b"content-length"), b"0")
    # A server refuses what is no number; whoever sends it past one announces nothing.
    is_too_large = announced.isdigit() and int(announced) > limit
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if is_too_large or received > limit:
            raise too_large(limit)
        return message

    return counted
