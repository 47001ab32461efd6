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
