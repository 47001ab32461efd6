"""The error object: every refusal to serve has a stable key and names the remedy."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """Ends a request with an error object."""

    def __init__(
        self,
        code: int,
        key: str,
        message: str,
        details: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.key = key
        self.details = details
        self.headers = headers


def unauthorized() -> ApiError:
    return ApiError(401, "unauthorized", "Unauthorized", "send a valid X-App-Id and X-App-Token")


def forbidden(scope: str) -> ApiError:
    return ApiError(
        403, "missing_required_permission", "Forbidden", f"the key needs the scope {scope!r}"
    )


def invalid(details: str) -> ApiError:
    return ApiError(400, "invalid_payload", "Invalid payload", details)


def missing(what: str, resource_id: str) -> ApiError:
    return ApiError(
        404, "not_found", "Resource not found", f"Cannot find {what} with id {resource_id}"
    )


def too_large(limit: int) -> ApiError:
    return ApiError(413, "payload_too_large", "Payload too large", f"send at most {limit} bytes")


def unavailable(details: str) -> ApiError:
    return ApiError(
        503, "service_unavailable", "Service unavailable", details, {"Retry-After": "1"}
    )


async def render(request: Request, error: Exception) -> Response:
    """Turn an ApiError into its response."""
    assert isinstance(error, ApiError)  # noqa: S101 - registered for nothing else
    body: dict[str, Any] = {
        "code": error.code,
        "key": error.key,
        "message": str(error),
        "details": error.details,
        "request_id": request.state.request_id,
    }
    return JSONResponse(body, error.code, error.headers)
