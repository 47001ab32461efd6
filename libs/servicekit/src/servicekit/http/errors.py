"""The error object: every refusal to serve has a stable key and names the remedy.

    {"code": 404, "key": "not_found", "message": "Resource not found",
     "details": "Cannot find campaign with id camp_1", "request_id": "v-…"}

`details` is absent where there is nothing to add. Some errors say more, such as `resource_id`.
"""

import json
from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

RETRY_AFTER: Final = {"Retry-After": "1"}
INTERNAL: Final = 500
SHOWN_FAULTS: Final = 10
NO_NUL: Final = {r"^[^\x00]+$", r"^[^\x00]*$"}  # patterns that nobody should have to read

# One key for each status; an error that needs another says so itself.
KEYS: Final[Mapping[int, str]] = {
    400: "invalid_payload",
    401: "unauthorized",
    403: "missing_required_permission",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    409: "duplicate_found",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    INTERNAL: "internal_error",
    503: "service_unavailable",
}

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


class ErrorResponse(JSONResponse):
    """An error object, which may quote what somebody sent."""

    def render(self, content: Any) -> bytes:
        """Write it; half a surrogate pair, quoted from somebody's JSON, has no bytes."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace")


class ApiError(HTTPException):
    """Ends a request with an error object. An HTTPException, so that FastAPI lets it through."""

    def __init__(
        self,
        code: int,
        message: str,
        details: str | None = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code, message, dict(headers or {}))
        self.key = key or key_of(code)
        self.details = details
        self.more = more


def key_of(code: int) -> str:
    return KEYS.get(code, "bad_request")


def invalid(details: str, message: str = "Invalid payload", key: str | None = None) -> ApiError:
    return ApiError(400, message, details, key=key)


def invalid_query(details: str, message: str = "Invalid query parameter") -> ApiError:
    return ApiError(400, message, details, key="invalid_query_params")


def unauthorized(
    details: str = "send a valid X-App-Id and X-App-Token, or a valid token",
) -> ApiError:
    return ApiError(401, "Unauthorized", details)


def forbidden(any_of: Collection[str]) -> ApiError:
    """Refuse who has none of these scopes."""
    return ApiError(403, "Forbidden", f"this needs the scope {' or '.join(map(repr, any_of))}")


def not_found(what: str, resource_id: str) -> ApiError:
    details = f"Cannot find {what} with id {resource_id}"
    return ApiError(404, "Resource not found", details, resource_id=resource_id, resource_type=what)


def too_large(limit: int) -> ApiError:
    return ApiError(413, "Payload too large", f"send at most {limit} bytes")


def too_many(details: str, seconds: int) -> ApiError:
    return ApiError(429, "Too many requests", details, headers={"Retry-After": str(seconds)})


def unavailable(details: str, key: str = "service_unavailable") -> ApiError:
    return ApiError(503, "Service unavailable", details, key=key, headers=RETRY_AFTER)


def internal() -> ApiError:
    return ApiError(INTERNAL, "Internal error", "the fault is ours")


def render(request: Request, error: HTTPException) -> ErrorResponse:
    """Turn an error into its response; the framework's own refusals too."""
    if not isinstance(error, ApiError):
        error = ApiError(error.status_code, error.detail, headers=error.headers)
    body: dict[str, Any] = {"code": error.status_code, "key": error.key, "message": error.detail}
    more = {"details": error.details, "request_id": request.state.request_id, **error.more}
    body |= {name: value for name, value in more.items() if value is not None}
    request.state.error_key = error.key
    return ErrorResponse(body, error.status_code, error.headers)


def handlers() -> dict[int | type[Exception], Handler]:
    """Return what the framework is given; whatever is no error of HTTP is the edge's to answer."""
    return {HTTPException: _on_http_error}


async def _on_http_error(request: Request, error: HTTPException) -> Response:
    return render(request, error)


def of_faults(faults: Any) -> ApiError:
    """Say which fields pydantic refused: the first in the message, ten of them in the details."""
    first = faults[0]
    place, *path = first["loc"] or ("body",)
    if first["type"] == "json_invalid":
        return ApiError(400, "Payload is not valid JSON")
    details = "; ".join([_told(fault) for fault in faults[:SHOWN_FAULTS]])
    if place == "query":
        return invalid_query(details, f"Query parameter {field_of(path)}: {reason_of(first)}")
    if not path:  # the body as a whole: it is not there, or its fields do not go together
        return invalid(details, "Payload is required") if _is_absent(first) else invalid(details)
    return invalid(details, f"Property .{field_of(path)}: {reason_of(first)}")


def _is_absent(fault: Any) -> bool:
    return bool(fault["type"] == "missing")


def _told(fault: Any) -> str:
    field, reason = field_of(fault["loc"][1:]), reason_of(fault)
    return f"{field}: {reason}" if field else reason


def field_of(path: Any) -> str:
    # pydantic names the branch of a union by its tag, in capitals; the client did not. What stands
    # last is a field.
    steps = [str(step) for step in path]
    return ".".join([*(step for step in steps[:-1] if not step.isupper()), *steps[-1:]])


def reason_of(fault: Any) -> str:
    if fault.get("ctx", {}).get("pattern") in NO_NUL:
        return "holds a character that is no text"
    return str(fault["msg"]).removeprefix("Value error, ")
