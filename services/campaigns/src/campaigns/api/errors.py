"""Errors as Voucherify's clients read them, one handler per cause; nothing of ours leaks out."""

from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from campaigns.refusals import InvalidError, NotEnforcedYetError, NotFoundError
from campaigns.store.connecting import OUTAGES

KEYS = {
    400: "invalid_payload",
    401: "unauthorized",
    403: "missing_required_permission",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
}
TAGS = {"AMOUNT", "PERCENT"}  # pydantic names the branch of a union; the client did not
RETRY = {"Retry-After": "1"}

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]

log = structlog.get_logger()


def _answer(
    request: Request,
    code: int,
    key: str,
    message: str,
    headers: dict[str, str] | None = None,
    **more: str | None,
) -> JSONResponse:
    body: dict[str, Any] = {"code": code, "key": key, "message": message}
    body |= {name: value for name, value in more.items() if value is not None}
    body["request_id"] = request.state.request_id
    return JSONResponse(body, code, headers)


async def _on_http(request: Request, error: HTTPException) -> JSONResponse:
    key = KEYS.get(error.status_code, "bad_request")
    return _answer(request, error.status_code, key, error.detail, dict(error.headers or {}))


async def _on_validation(request: Request, error: RequestValidationError) -> JSONResponse:
    faults = error.errors()
    place, *path = faults[0]["loc"] or ("body",)
    if faults[0]["type"] == "json_invalid":
        return _answer(request, 400, "invalid_payload", "Payload is not valid JSON")
    details = "; ".join(f"{_field(f['loc'][1:])}: {_reason(f)}" for f in faults[:10])
    if place == "query":
        message = f"Query parameter {_field(path)}: {_reason(faults[0])}"
        return _answer(request, 400, "invalid_query_params", message, details=details)
    message = f"Property .{_field(path)}: {_reason(faults[0])}" if path else "Payload is required"
    return _answer(request, 400, "invalid_payload", message, details=details)


def _field(path: Any) -> str:
    return ".".join(str(step) for step in path if step not in TAGS)


def _reason(fault: Any) -> str:
    return str(fault["msg"]).removeprefix("Value error, ")


async def _on_not_found(request: Request, error: NotFoundError) -> JSONResponse:
    return _answer(
        request,
        404,
        "not_found",
        "Resource not found",
        details=str(error),
        resource_type=error.resource_type,
        resource_id=error.resource_id,
    )


async def _on_invalid(request: Request, error: InvalidError) -> JSONResponse:
    return _answer(request, 400, error.key, str(error), details=error.details)


async def _on_not_enforced(request: Request, _error: NotEnforcedYetError) -> JSONResponse:
    return _answer(
        request,
        503,
        "not_enforced_yet",
        "The change is stored but not yet confirmed by redemption",
        RETRY,
        details="codes may still be redeemed; ask again to wait for the confirmation",
    )


async def _on_duplicate(request: Request, error: asyncpg.UniqueViolationError) -> JSONResponse:
    thing, _, field = (error.constraint_name or "resource").partition("_")
    return _answer(
        request,
        409,
        "duplicate_found",
        "Duplicate resource found",
        details=f"the project has one of its {thing} with this {field or 'id'} already",
    )


async def _on_in_use(request: Request, _error: Exception) -> JSONResponse:
    return _answer(request, 400, "resource_in_use", "Other resources refer to this one")


async def _on_database(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, asyncpg.DataError):
        return _answer(request, 400, "invalid_payload", "A value cannot be stored")
    if isinstance(error, OUTAGES):
        log.warning("cannot reach Postgres", error=repr(error))
        return _answer(
            request, 503, "service_unavailable", "The service is unavailable, try again", RETRY
        )
    return await _on_bug(request, error)


async def _on_bug(request: Request, error: Exception) -> JSONResponse:
    log.error("request failed", exc_info=error)
    return _answer(request, 500, "internal_error", "Something went wrong on our side")


HANDLERS: dict[int | type[Exception], Handler] = {
    HTTPException: _on_http,
    RequestValidationError: _on_validation,
    NotFoundError: _on_not_found,
    InvalidError: _on_invalid,
    NotEnforcedYetError: _on_not_enforced,
    asyncpg.UniqueViolationError: _on_duplicate,
    asyncpg.ForeignKeyViolationError: _on_in_use,
    asyncpg.PostgresError: _on_database,
    asyncpg.InterfaceError: _on_database,
    asyncpg.InternalClientError: _on_database,  # it met a connection that was just being cut
    OSError: _on_database,
    Exception: _on_bug,
}
