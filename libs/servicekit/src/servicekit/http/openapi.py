"""What every OpenAPI document says: who may ask, and the errors that come, as they come."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI, Security
from fastapi.openapi.utils import get_openapi
from fastapi.security import APIKeyHeader, HTTPBearer

# Of routes that a key or a person's token opens. The door asks for them; here they are described.
KEY_HEADERS: Final = [
    Security(APIKeyHeader(name="X-App-Id", scheme_name="X-App-Id", auto_error=False)),
    Security(APIKeyHeader(name="X-App-Token", scheme_name="X-App-Token", auto_error=False)),
    Security(
        HTTPBearer(
            scheme_name="Token",
            bearerFormat="JWT",
            description="of a person who is signed in: POST /v1/sessions/tokens",
            auto_error=False,
        )
    ),
]

# Of those that a publishable key opens, from a page that may use it.
CLIENT_HEADERS: Final = [
    Security(APIKeyHeader(name=name, scheme_name=name, auto_error=False))
    for name in ("X-Client-Application-Id", "X-Client-Token")
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

REFERENCE: Final = {"$ref": "#/components/schemas/Error"}


def error_response(
    said: str, status: int, *examples: tuple[str, str], schema: Mapping[str, Any] = REFERENCE
) -> dict[str, Any]:
    """Describe what comes with a status; of each example the key, and a message."""
    objects = {
        key: {"value": {"code": status, "key": key, "message": message, "request_id": "v-0f3a9c"}}
        for key, message in examples
    }
    return {
        "description": said,
        "content": {"application/json": {"schema": schema, "examples": objects}},
    }


# What may come of each status, beside what a route declares itself.
_RESPONSES: Final[Mapping[int, dict[str, Any]]] = {
    400: error_response(
        "Malformed, or with a name that is not known: which, and what would help",
        400,
        ("invalid_payload", "Property .name: should be a string"),
        ("invalid_query_params", "Query parameter form: is unknown, known are from, to"),
    ),
    401: error_response(
        "No key or token, or one that is not in force", 401, ("unauthorized", "Unauthorized")
    ),
    403: error_response(
        "The key or token lacks the scope", 403, ("missing_required_permission", "Forbidden")
    ),
    404: error_response("There is nothing of that id", 404, ("not_found", "Resource not found")),
    408: error_response(
        "The body did not come to its end in time", 408, ("request_timeout", "Request Timeout")
    ),
    413: error_response(
        "The body is larger than this route takes", 413, ("payload_too_large", "Payload too large")
    ),
    503: error_response(
        "Not now: try again after the seconds of Retry-After",
        503,
        ("service_unavailable", "Service unavailable"),
    ),
    504: error_response(
        "The gateway waited in vain: what was asked may be done, ask again the same",
        504,
        ("gateway_timeout", "Gateway timeout"),
    ),
}

# For routes that may refuse what they say: in `responses`.
DUPLICATE: Final[dict[int | str, dict[str, Any]]] = {
    409: error_response(
        "There is one of this name or code", 409, ("duplicate_found", "Duplicate resource found")
    )
}
NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    404: error_response(
        "There is nothing of an id that the body names", 404, ("not_found", "Resource not found")
    )
}


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
        # The framework lists all as alternatives; a key's two headers are needed together.
        names = [name for scheme in schemes for name in scheme]
        together: dict[str, list[str]] = {name: [] for name in names if name.startswith("X-")}
        alone: list[dict[str, list[str]]] = [{name: []} for name in names if name not in together]
        operation["security"] = [together, *alone] if together else alone
    for status in _errors_of(operation, path):
        responses.setdefault(str(status), _RESPONSES[status])
    operation["responses"] = dict(sorted(responses.items()))


def _errors_of(operation: Mapping[str, Any], path: str) -> Iterator[int]:
    yield from (400, 503, 504)
    if security := operation.get("security"):
        yield 401
        if "X-App-Id" in security[0]:  # other keys have no scopes
            yield 403
    if "{" in path:
        yield 404
    if "requestBody" in operation:
        yield from (408, 413)


def _is_frameworks(response: Mapping[str, Any] | None) -> bool:
    return response is not None and "HTTPValidationError" in str(response)
