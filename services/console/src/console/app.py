"""Composition root: makes what it needs and hands it down."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from console.api import client
from console.pages import PAGES
from console.session import cookies
from console.session.known import Sessions
from console.session.seals import Seals
from console.settings import SERVICE, WebSettings
from console.web.assets import Assets
from console.web.ending import ended
from console.web.environment import environment
from console.web.once import Once
from console.web.outcomes import NotFoundError
from console.web.pages import route
from console.web.visit import Deps, Visit
from servicekit import health
from servicekit.http.doors import Door
from servicekit.http.edge import Edge
from servicekit.metrics import Metrics

LARGEST_FORM: Final = 500_000
# No exceptions: what would need one is made otherwise.
POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'"
)


def web(settings: WebSettings) -> ASGIApp:
    """Serve the pages. Needs the API, and nothing else; keeps nothing."""
    metrics = Metrics(SERVICE, "web")
    api = client.http(settings.api, settings.public)
    assets, once = Assets(), Once()
    deps = Deps(
        api,
        environment(assets),
        Sessions(api),
        Seals(settings.secret.get_secret_value().encode()),
        settings.public,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with api:
            yield

    async def nowhere(request: Request, _error: Exception) -> Response:
        visit = Visit(deps, request, cookies.get(request, cookies.SESSION))
        return await ended(visit, NotFoundError(), ())

    async def probe() -> str | None:
        answer = await api.get("/livez")
        return None if answer.is_success else f"the API's gateway answers {answer.status_code}"

    app = Starlette(
        routes=[assets.route(), *(route(page, deps, once) for page in PAGES)],
        lifespan=lifespan,
        exception_handlers={404: nowhere, 405: nowhere, NotFoundError: nowhere},
    )
    app.router.redirect_slashes = False
    health.answer(app, metrics, {"api": probe}, alive=[])
    doors = [Door("/", None, LARGEST_FORM)]
    return Edge(app, metrics, is_outage, doors=doors, pages_policy=POLICY)


def is_outage(error: BaseException) -> bool:
    return isinstance(error, httpx.TransportError)
