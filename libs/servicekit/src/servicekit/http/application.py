"""The application behind an api: the same pages and the same refusals in every service."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import Depends, FastAPI

from servicekit.http import errors
from servicekit.http.errors import Handler
from servicekit.http.openapi import ERRORS
from servicekit.http.queries import refuse_unknown

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


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
    return FastAPI(
        title=f"Counterfoil {service}",
        version="1",
        description=description,
        docs_url=f"/docs/{service}",
        openapi_url=f"/openapi/{service}.json",
        redoc_url=None,
        redirect_slashes=False,  # a client that is redirected loses its body
        strict_content_type=False,  # not every client names the type of what it sends
        exception_handlers=handlers,
        responses=ERRORS,
        dependencies=[Depends(refuse_unknown)],
        lifespan=lifespan,
    )
