"""What every OpenAPI document says: the key's headers, and the errors that come, as they come."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI, Security
from fastapi.openapi.utils import get_openapi
from fastapi.security import APIKeyHeader

KEY_HEADERS: Final = [
    Security(APIKeyHeader(name="X-App-Id", scheme_name="X-App-Id", auto_error=False)),
    Security(APIKeyHeader(name="X-App-Token", scheme_name="X-App-Token", auto_error=False)),
]

ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["code", "key", "message", "request_id"],
    "properties": {
        "code": {"type": "integer", "description": "the HTTP status again"},
        "key": {"type": "string", "description": "stable, for programs"},
        "message": {"type": "string"},
        "details": {"type": "string", "description": "which field, or what would help"},
        "request_id": {"type": "string"},
        "resource_id": {"type": "string", "description": "what it concerns"},
        "resource_type": {"type": "string"},
    },
}

# What may come of each status, beside what a route declares itself: the key, and a message.
_EXAMPLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("invalid_payload", "Property .name: should be a string"),
    401: ("unauthorized", "Unauthorized"),
    403: ("missing_required_permission", "Forbidden"),
    404: ("not_found", "Resource not found"),
    413: ("payload_too_large", "Payload too large"),
    503: ("service_unavailable", "Service unavailable"),
}
_SAID: Final[Mapping[int, str]] = {
    400: "Malformed, or with a name that is not known: which, and what would help",
    401: "No key, or one that is not in force",
    403: "The key lacks the scope",
    404: "There is nothing of that id",
    413: "The body is larger than this route takes",
    503: "Not now: try again after the seconds of Retry-After",
}
_REFERENCE: Final = {"$ref": "#/components/schemas/Error"}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document as clients meet the service: its errors, its keys, where it is."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        servers=[{"url": "/", "description": "the gateway that served this document"}],
    )
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _mend(operation, path)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for never_sent in ("HTTPValidationError", "ValidationError"):
        schemas.pop(never_sent, None)
    schemas["Error"] = ERROR
    return document


def _mend(operation: dict[str, Any], path: str) -> None:
    responses = operation["responses"]
    if _is_frameworks(responses.get("422")):  # its own refusal, which this edge never sends
        del responses["422"]
    if schemes := operation.get("security"):
        # The framework lists headers as alternatives; they are needed together.
        operation["security"] = [{name: [] for scheme in schemes for name in scheme}]
    for status in _errors_of(operation, path):
        key, message = _EXAMPLES[status]
        example = {"code": status, "key": key, "message": message, "request_id": "v-0f3a9c"}
        content = {"application/json": {"schema": _REFERENCE, "example": example}}
        responses.setdefault(str(status), {"description": _SAID[status], "content": content})


def _errors_of(operation: Mapping[str, Any], path: str) -> Iterator[int]:
    yield 400
    if operation.get("security"):
        yield 401
        yield 403
    if "{" in path:
        yield 404
    if "requestBody" in operation:
        yield 413
    yield 503


def _is_frameworks(response: Mapping[str, Any] | None) -> bool:
    return response is not None and "HTTPValidationError" in str(response)
