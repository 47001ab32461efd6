"""The edge of HTTP: what every request passes, outermost and in plain ASGI.

Each request has an id, its caller's or a fresh one; its key is asked for before its body, which is
bounded in size and time, and once more after a slow one; its time is counted under its route's
template; and it gets an answer, an error object at worst, never a stack trace. A request that
failed or was slow has a line in the log; one that went well is in the metric only, because the line
cost an eighth of the whole request.
"""

import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import structlog
from prometheus_client import Histogram
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.health import PATHS as HEALTH_PATHS
from servicekit.http import origins, queries
from servicekit.http.doors import Admit, Door, bounded, door_to
from servicekit.http.errors import INTERNAL, internal, invalid, render, unavailable
from servicekit.metrics import Metrics

log = structlog.get_logger()

REQUEST_ID: Final = re.compile(rb"[0-9A-Za-z._:-]{1,100}")
SLOW_SECONDS: Final = 1.0
ADMITTED_SECONDS: Final = 0.5  # whose body ends later is asked once more who he is
FAILED: Final = 400
NO_ROUTE: Final = "none"

NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
# A page loads what this service serves, runs no script that stands in it, and is framed by nobody.
PAGES_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    b"style-src 'self' 'unsafe-inline'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'"
)

Endpoint = Callable[[Request], Awaitable[Response]]
IsOutage = Callable[[BaseException], bool]


class Edge:
    """The outermost layer of an api; a class because ASGI asks for one.

    `is_outage` says which errors mean that the service's store is away, `outage_advice` what its
    callers should do then. `doors` say which key a path needs and how large its bodies may be.
    `hot` routes are served here, before the framework looks for a route: on a short request its
    routing cost more than all the rest. `pages_policy` is the content security policy of pages.
    What is below `cross_origin` may be asked by pages of others, without cookies.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        is_outage: IsOutage,
        *,
        outage_advice: str = "try again in a moment",
        doors: Sequence[Door] = (),
        hot: Mapping[tuple[str, str], Endpoint] | None = None,
        pages_policy: bytes = PAGES_POLICY,
        cross_origin: str | None = None,
    ) -> None:
        self._app = app
        self._is_outage = is_outage
        self._outage_advice = outage_advice
        self._doors = doors
        self._hot = {
            (method, path): (endpoint, door_to(path, doors), _HotRoute(path))
            for (method, path), endpoint in (hot or {}).items()
        }
        self._pages_policy = (b"content-security-policy", pages_policy)
        self._cross_origin = cross_origin
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
                message["headers"] = self._with_ours(message["headers"], request_id, scope)
            if status == INTERNAL:  # perhaps the framework's word on an error that we shall see
                held.append(message)
            else:
                await send(message)

        endpoint, door, route = self._hot.get((scope["method"], scope["path"])) or (
            None,
            door_to(scope["path"], self._doors),
            None,
        )
        request = Request(scope, self._reading(scope, receive, door))
        tokens = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            try:
                if door.admit is not None:
                    state["caller"] = await door.admit(request)
                if endpoint is None:
                    await self._app(scope, request.receive, sending)
                else:
                    scope["route"] = route
                    queries.refuse_any(request)
                    response = await endpoint(request)
                    await response(scope, receive, sending)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is answered and logged
                response = self._answer_to(error, request)
                if status in {0, INTERNAL}:
                    held.clear()
                    await response(scope, receive, sending)
            for message in held:
                await send(message)
            self._account.add(scope, status or INTERNAL, time.perf_counter() - began)
        finally:
            structlog.contextvars.reset_contextvars(**tokens)

    def _reading(self, scope: Scope, receive: Receive, door: Door) -> Receive:
        """Bound the body. Who was slow to send it is asked once more before it is acted upon.

        His key may have been revoked, and that acknowledged, meanwhile.
        """
        within_bounds, admit = bounded(scope, receive, door.largest_body), door.admit
        if admit is None:
            return within_bounds
        came = time.perf_counter()

        async def receiving() -> Message:
            message = await within_bounds()
            has_ended = message["type"] == "http.request" and not message.get("more_body")
            if has_ended and time.perf_counter() - came > ADMITTED_SECONDS:
                scope["state"]["caller"] = await self._admitted_again(Request(scope), admit)
            return message

        return receiving

    async def _admitted_again(self, request: Request, admit: Admit) -> object:
        try:
            return await admit(request)
        except Exception as error:
            if not self._is_outage(error):
                raise
            # The framework, which reads the body, would make a 400 of anything but an ApiError.
            log.warning("outage", error=repr(error))
            raise unavailable(self._outage_advice) from error

    def _with_ours(
        self, headers: Sequence[tuple[bytes, bytes]], request_id: str, scope: Scope
    ) -> list[tuple[bytes, bytes]]:
        ours = [*headers, (b"x-request-id", request_id.encode()), NOSNIFF]
        if any(n == b"content-type" and value.startswith(b"text/html") for n, value in headers):
            ours.append(self._pages_policy)
        if self._cross_origin is not None and scope["path"].startswith(self._cross_origin):
            ours += origins.allowing(scope["headers"])
        return ours

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


class _HotRoute:
    """As much of a route as the account asks for."""

    def __init__(self, path: str) -> None:
        self.path = path


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return f"v-{random.getrandbits(72):018x}"  # names a request and opens nothing: no secret
