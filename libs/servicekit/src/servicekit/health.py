"""Whether this process lives, what it waits for, and what it counts."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from servicekit.lifecycle import background_task
from servicekit.metrics import CONTENT_TYPE, Metrics

PATHS = frozenset({"/livez", "/readyz", "/metrics"})
PROBE_SECONDS = 2.0
STUCK_SECONDS = 90.0
LOOP_LOOK_SECONDS = 1.0

# Raises, or returns what is wrong; None where the dependency answers.
Probe = Callable[[], Awaitable[str | None]]

# Returns why this process makes no progress although it could; None while all is well. An outage
# of somebody else is no such reason: a restart would help nobody.
StuckReason = Callable[[], str | None]


class Heartbeat:
    """When a loop last went round; a class because it remembers."""

    def __init__(self, loop: str, stuck_seconds: float = STUCK_SECONDS) -> None:
        self._loop = loop
        self._stuck_seconds = stuck_seconds
        self._last = time.monotonic()

    def beat(self) -> None:
        self._last = time.monotonic()

    def stuck_reason(self) -> str | None:
        idle = time.monotonic() - self._last
        return f"{self._loop}: no progress for {idle:.0f} s" if idle > self._stuck_seconds else None


async def watch_event_loop(metrics: Metrics, heartbeat: Heartbeat) -> None:
    """Measure for ever how late the event loop is: what every role can be asked at least."""
    lag = metrics.event_loop_lag_seconds  # shown from the first moment on
    while True:
        asleep = time.monotonic()
        await asyncio.sleep(LOOP_LOOK_SECONDS)
        lag.set(time.monotonic() - asleep - LOOP_LOOK_SECONDS)
        heartbeat.beat()


def answer(
    app: Starlette, metrics: Metrics, ready: Mapping[str, Probe], alive: Sequence[StuckReason]
) -> None:
    """Let an application answer for its health, and watch its event loop while it is served.

    The loop proves the life of every role; `alive` is what else does.
    """
    event_loop = Heartbeat("event loop")
    app.router.routes += _routes(metrics, ready, [event_loop.stuck_reason, *alive])
    lifespan = app.router.lifespan_context

    @contextlib.asynccontextmanager
    async def watched(served: Any) -> AsyncIterator[Any]:
        async with (
            background_task(watch_event_loop(metrics, event_loop)),
            lifespan(served) as state,
        ):
            yield state

    app.router.lifespan_context = watched


def _routes(
    metrics: Metrics, ready: Mapping[str, Probe], alive: Sequence[StuckReason]
) -> list[Route]:
    async def livez(_request: Request) -> Response:
        stuck = "; ".join(filter(None, (reason() for reason in alive))) or None
        return JSONResponse({"alive": stuck is None, "why": stuck}, 503 if stuck else 200)

    async def readyz(_request: Request) -> Response:
        found = await asyncio.gather(*(_answer(probe) for probe in ready.values()))
        dependencies = {n: why or "ok" for n, why in zip(ready, found, strict=True)}
        is_ready = not any(found)
        body = {"ready": is_ready, "dependencies": dependencies}
        return JSONResponse(body, 200 if is_ready else 503)

    async def page(_request: Request) -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", page)]


async def _answer(probe: Probe) -> str | None:
    # Not `wait_for`: a client whose server hangs does not let go of a cancelled call either.
    asking = asyncio.ensure_future(probe())
    await asyncio.wait({asking}, timeout=PROBE_SECONDS)
    if not asking.done():
        asking.cancel()
        asking.add_done_callback(_forget)
        return f"no answer within {PROBE_SECONDS:g} s"
    error = asking.exception()
    return asking.result() if error is None else f"{type(error).__name__}: {error}"


def _forget(asking: asyncio.Future[str | None]) -> None:
    if not asking.cancelled():
        asking.exception()  # seen, so that nobody complains
