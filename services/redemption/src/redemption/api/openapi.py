"""What the OpenAPI page says beyond what FastAPI sees: msgspec's bodies, the key's headers."""

from collections.abc import Callable
from typing import Any

import msgspec
from fastapi import FastAPI, Security
from fastapi.openapi.utils import get_openapi
from fastapi.security import APIKeyHeader

from redemption.api.bodies import Body

DESCRIPTION = """
Redeems codes and foretells redemptions. Amounts are integers in minor units of the project's
currency, instants are UTC. Send an `Idempotency-Key` with every redemption: the same key and body
get the first answer again, byte for byte, refusals too (a new attempt needs a new key).
"""

KEY_HEADERS = [
    Security(APIKeyHeader(name="X-App-Id", scheme_name="AppId", auto_error=False)),
    Security(APIKeyHeader(name="X-App-Token", scheme_name="AppToken", auto_error=False)),
]

# One shape for all of them, FastAPI's own refusals too. A refused redemption adds what it concerns.
ERROR = {
    "type": "object",
    "required": ["code", "key", "message"],
    "properties": {
        "code": {"type": "integer", "description": "the HTTP status again"},
        "key": {"type": "string", "description": "stable, for programs"},
        "message": {"type": "string"},
        "details": {"type": ["string", "null"], "description": "which field, or what would help"},
        "request_id": {"type": "string"},
        "resource_id": {"type": ["string", "null"], "description": "the failed redemption"},
        "resource_type": {"type": "string"},
        "order_amount": {"type": ["integer", "null"], "description": "the basket's value"},
    },
}
ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "Refused: why, and what would help",
        "content": {"application/json": {"schema": ERROR}},
    },
    503: {
        "description": "Not now: try again with the same Idempotency-Key",
        "content": {"application/json": {"schema": ERROR}},
    },
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def describe(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return the function that FastAPI asks for the page."""

    def page() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            _, schemas = msgspec.json.schema_components(
                [Body], ref_template="#/components/schemas/{name}"
            )
            app.openapi_schema.setdefault("components", {}).setdefault("schemas", {}).update(
                schemas
            )
        return app.openapi_schema

    return page
