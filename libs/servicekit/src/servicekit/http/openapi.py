"""What every OpenAPI page says: the key's headers, and the error object."""

from typing import Any, Final

from fastapi import Security
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

ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {
        "description": "Refused: why, and what would help",
        "content": {"application/json": {"schema": ERROR}},
    },
    503: {
        "description": "Not now: try again after the seconds of Retry-After",
        "content": {"application/json": {"schema": ERROR}},
    },
}
