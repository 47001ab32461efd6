"""The application of an api: the same pages and the same refusals in every service."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cache, partial
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from servicekit.http import errors, pages
from servicekit.http.bodies import refuse_repeated
from servicekit.http.declared_queries import refuse_unknown
from servicekit.http.errors import Handler
from servicekit.http.openapi import describe

STRICT_CONTENT_TYPE: Final = False  # not every client names the type of what it sends
EVERYWHERE: Final = [Depends(refuse_unknown), Depends(refuse_repeated)]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(
    service: str,
    description: str,
    lifespan: Lifespan,
    refusals: Mapping[int | type[Exception], Handler] | None = None,
) -> FastAPI:
    """Make it, with its pages below `/docs` and `/openapi`; `refusals` are the service's own."""
    app = FastAPI(
        title=f"Counterfoil {service}",
        version="1",
        description=description,
        docs_url=None,  # its page would load scripts from elsewhere
        openapi_url=None,  # it would be written out anew for whoever asks
        redoc_url=None,
        redirect_slashes=False,  # a client that is redirected loses its body
        strict_content_type=STRICT_CONTENT_TYPE,
        exception_handlers={**handlers(), **(refusals or {})},
        dependencies=EVERYWHERE,
        lifespan=lifespan,
    )
    app.openapi = cache(partial(describe, app))  # type: ignore[method-assign]  # as it documents
    # Asked when it is served: a service may describe more than the framework sees.
    app.router.routes.extend(pages.docs(service, lambda: app.openapi()))  # noqa: PLW0108
    return app


def routes(*included: tuple[APIRouter, Sequence[Any]]) -> list[BaseRoute]:
    """Return the routes of routers, each with its dependencies, for any number of applications.

    FastAPI works them out when the first one is asked for: a quarter of a second for two hundred.
    """
    shared = APIRouter(dependencies=EVERYWHERE, strict_content_type=STRICT_CONTENT_TYPE)
    for router, dependencies in included:
        shared.include_router(router, dependencies=dependencies)
    return shared.routes


def handlers() -> dict[int | type[Exception], Callable[..., Any]]:
    """Return what FastAPI is given: it has a refusal of its own for what it has validated."""
    return {**errors.handlers(), RequestValidationError: _on_validation_error}


async def _on_validation_error(request: Request, error: RequestValidationError) -> Response:
    return errors.render(request, errors.of_faults(error.errors()))
