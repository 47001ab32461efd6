"""What a role without an api is to HTTP. It needs no FastAPI, which takes longest to import."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.types import ASGIApp

from servicekit import health
from servicekit.health import Probe, StuckReason
from servicekit.http import errors
from servicekit.http.edge import Edge
from servicekit.metrics import Metrics

Running = Callable[[Starlette], AbstractAsyncContextManager[None]]


def health_application(
    running: Running,
    metrics: Metrics,
    ready: Mapping[str, Probe],
    alive: Sequence[StuckReason],
) -> ASGIApp:
    """Make the application: it runs, and answers for its health."""
    app = Starlette(lifespan=running, exception_handlers=errors.handlers())
    # It would lead to wherever the Host header says.
    app.router.redirect_slashes = False
    health.answer(app, metrics, ready, alive)
    return Edge(app, metrics, is_outage=lambda _error: False)
