"""The applications of roles: the same pages and the same refusals in every service."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cache, partial
from typing import Any

from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp

from servicekit import health
from servicekit.health import Probe, StuckReason
from servicekit.http import errors, pages
from servicekit.http.bodies import refuse_repeated
from servicekit.http.edge import Edge
from servicekit.http.errors import Handler
from servicekit.http.openapi import describe
from servicekit.http.queries import refuse_unknown
from servicekit.metrics import Metrics

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Running = Callable[[Starlette], AbstractAsyncContextManager[None]]


def application(
    service: str,
    description: str,
    lifespan: Lifespan,
    refusals: Mapping[int | type[Exception], Handler] | None = None,
) -> FastAPI:
    """Make it, with its pages below `/docs` and `/openapi`; `refusals` are the service's own."""
    handlers: dict[int | type[Exception], Callable[..., Any]] = {
        **errors.handlers(),
        **(refusals or {}),
    }
    app = FastAPI(
        title=f"Counterfoil {service}",
        version="1",
        description=description,
        docs_url=None,  # its page would load scripts from elsewhere
        openapi_url=None,  # it would be written out anew for whoever asks
        redoc_url=None,
        redirect_slashes=False,  # a client that is redirected loses its body
        strict_content_type=False,  # not every client names the type of what it sends
        exception_handlers=handlers,
        dependencies=[Depends(refuse_unknown), Depends(refuse_repeated)],
        lifespan=lifespan,
    )
    app.openapi = cache(partial(describe, app))  # type: ignore[method-assign]  # as it documents
    app.router.routes.extend(pages.docs(service, app.openapi))
    return app


def health_application(
    running: Running,
    metrics: Metrics,
    ready: Mapping[str, Probe],
    alive: Sequence[StuckReason],
) -> ASGIApp:
    """Make what a role without an api is to HTTP: it runs, and answers for its health."""
    app = Starlette(lifespan=running, exception_handlers=errors.handlers())
    # It would lead to wherever the Host header says.
    app.router.redirect_slashes = False
    health.answer(app, metrics, ready, alive)
    return Edge(app, metrics, is_outage=lambda _error: False)
