"""What a client sees when there is no answer: always the error object, never a trace.

An `ApiError` is what a client can mend. An outage of ClickHouse is 503; anything else is a fault of
ours, 500, and logged.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from analytics.store import is_outage

log = structlog.get_logger()

RETRY_AFTER_SECONDS = "2"

KEYS = {404: "not_found", 405: "method_not_allowed"}


class ErrorObject(BaseModel):
    """The shape of every answer that is not a success."""

    code: int
    key: str
    message: str
    details: str | None = None
    request_id: str


class ApiError(Exception):
    """A refusal that tells the client what to change."""

    def __init__(self, code: int, key: str, message: str, details: str | None = None) -> None:
        super().__init__(message)
        self.code, self.key, self.message, self.details = code, key, message, details


def unauthorized() -> ApiError:
    return ApiError(401, "unauthorized", "Unauthorized", "send X-App-Id and X-App-Token of one key")


def missing_permission(scope: str) -> ApiError:
    message = "The key lacks a permission"
    return ApiError(403, "missing_required_permission", message, f"needs the scope {scope}")


def invalid_parameter(name: str, reason: str) -> ApiError:
    return ApiError(400, "invalid_query_params", f"Invalid query parameter {name}", reason)


def render(request: Request, error: ApiError) -> JSONResponse:
    shown = ErrorObject(
        code=error.code,
        key=error.key,
        message=error.message,
        details=error.details,
        request_id=request.state.request_id,
    )
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if error.code == 503 else None  # noqa: PLR2004
    return JSONResponse(shown.model_dump(exclude_none=True), error.code, headers)


def install(app: FastAPI) -> None:
    """Give every way to fail its error object."""

    async def on_refusal(request: Request, error: Any) -> JSONResponse:
        return render(request, error)

    async def on_invalid(request: Request, error: Any) -> JSONResponse:
        first = error.errors()[0]
        return render(request, invalid_parameter(_field(first["loc"]), first["msg"]))

    async def on_http(request: Request, error: Any) -> JSONResponse:
        key = KEYS.get(error.status_code, "bad_request")
        return render(request, ApiError(error.status_code, key, str(error.detail)))

    async def on_fault(request: Request, error: Exception) -> JSONResponse:
        if is_outage(error):
            log.warning("ClickHouse is away", error=repr(error))
            return render(request, unavailable())
        log.error("a fault of ours", exc_info=error)
        return render(request, ApiError(500, "internal_error", "Internal server error"))

    app.add_exception_handler(ApiError, on_refusal)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.middleware("http")(_faults_rendered(on_fault))


def unavailable() -> ApiError:
    reason = "the figures are out of reach for the moment; ask again"
    return ApiError(503, "service_unavailable", "Service unavailable", reason)


def _faults_rendered(on_fault: Any) -> Any:
    async def middleware(request: Request, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except Exception as error:  # noqa: BLE001  # the last resort: rendered and logged there
            return await on_fault(request, error)

    return middleware


def _field(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location[1:]) or "request"
