"""What the OpenAPI page says beyond what FastAPI sees: the bodies that msgspec reads and writes."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import msgspec
from fastapi import FastAPI

from redemption.api.bodies import RedemptionRequestBody
from redemption.render.redemption import RedemptionsBody
from servicekit.http.openapi import ERROR, describe

DESCRIPTION: Final = """
Redeems codes and foretells redemptions. Amounts are integers in minor units of the project's
currency, instants are UTC. Send an `Idempotency-Key` with every redemption: the same key and body
get the first answer again, byte for byte, refusals too (a new attempt needs a new key).
"""

IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}

# A refusal has no request id: it is the same bytes on every repeat. And it says what was at stake.
REFUSED: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["code", "key", "message"],
    "properties": {
        **ERROR["properties"],
        "resource_id": {"type": ["string", "null"], "description": "the failed redemption"},
        "order_amount": {"type": ["integer", "null"], "description": "the basket's value"},
    },
}

REDEEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "All codes are redeemed",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/RedemptionsBody"}}
        },
    },
    "4XX": {
        "description": "Refused: why, and what would help",
        "content": {"application/json": {"schema": REFUSED}},
    },
}


def describing(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return what FastAPI asks for the document."""

    @cache
    def document() -> dict[str, Any]:
        described = describe(app)
        _, schemas = msgspec.json.schema_components(
            [RedemptionRequestBody, RedemptionsBody], ref_template="#/components/schemas/{name}"
        )
        described["components"]["schemas"].update(schemas)
        return described

    return document
