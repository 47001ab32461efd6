"""What the OpenAPI page says of rollbacks."""

from typing import Any, Final

from contracts.rollbacks import NotRolledBack
from redemption.api.openapi import IDEMPOTENCY_KEY, KEY_REUSED, REFUSED, answers, body_of
from redemption.api.rollback_bodies import RollbackRequestBody
from redemption.render.rollback import MESSAGES
from servicekit.http.openapi import error_response

ONE_UNIT: Final = {"product_id": "sku-1", "quantity": 1}
WHOLE: Final = ("all that is left of it", {"reason": "the parcel came back"})
PART: Final = ("what is in proportion to an amount of its order", {"amount": 2500})

LINES: Final = ("what was taken off units of its lines", {"order": {"items": [ONE_UNIT]}})

_body: Final = body_of(RollbackRequestBody, whole=WHOLE, part=PART, lines=LINES)["requestBody"]
ROLLBACK: Final[dict[str, Any]] = {
    "requestBody": {**_body, "required": False},
    "parameters": [IDEMPOTENCY_KEY],
}


def _responses(said: str, schema: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: answers(said, schema),
        400: error_response(
            "Malformed, or refused: nothing is given back",
            400,
            ("invalid_payload", "Invalid payload"),
            *((r, MESSAGES[r]) for r in NotRolledBack if r is not NotRolledBack.NOT_FOUND),
            schema=REFUSED,
        ),
        404: error_response(
            "Nothing was redeemed under this id",
            404,
            (NotRolledBack.NOT_FOUND, MESSAGES[NotRolledBack.NOT_FOUND]),
            schema=REFUSED,
        ),
        422: KEY_REUSED,
    }


ROLLBACK_RESPONSES: Final = _responses("What was given back", "RollbackBody")
ROLLBACKS_RESPONSES: Final = _responses("What was given back, code by code", "RollbacksBody")
