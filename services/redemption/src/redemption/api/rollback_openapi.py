"""What the OpenAPI page says of rollbacks."""

from typing import Any, Final

from contracts.rollbacks import NotRolledBack
from redemption.api.openapi import (
    IDEMPOTENCY_KEY,
    KEY_REUSED,
    TRACEPARENT,
    answers,
    body_of,
    refused,
)
from redemption.api.refusal_examples import example_of_rollback
from redemption.api.rollback_bodies import RollbackRequestBody
from redemption.render.rollback import NotRolledBackBody

ONE_UNIT: Final = {"product_id": "sku-1", "quantity": 1}
WHOLE: Final = ("all that is left of it", {"reason": "the parcel came back"})
PART: Final = ("what is in proportion to an amount of its order", {"amount": 2500})

LINES: Final = ("what was taken off units of its lines", {"order": {"items": [ONE_UNIT]}})

_body: Final = body_of(RollbackRequestBody, whole=WHOLE, part=PART, lines=LINES)["requestBody"]
ROLLBACK: Final[dict[str, Any]] = {
    "requestBody": {**_body, "required": False},
    "parameters": [IDEMPOTENCY_KEY, TRACEPARENT],
}


def _responses(said: str, schema: str) -> dict[int | str, dict[str, Any]]:
    unknown = NotRolledBack.NOT_FOUND
    return {
        200: answers(said, schema),
        400: refused(
            "Malformed, or refused: nothing is given back",
            NotRolledBackBody,
            {each: example_of_rollback(each) for each in NotRolledBack if each is not unknown},
            ("invalid_payload", "Invalid payload"),
        ),
        404: refused(
            "Nothing was redeemed under this id",
            NotRolledBackBody,
            {unknown: example_of_rollback(unknown)},
        ),
        422: KEY_REUSED,
    }


ROLLBACK_RESPONSES: Final = _responses("What was given back", "RollbackBody")
ROLLBACKS_RESPONSES: Final = _responses("What was given back, code by code", "RollbacksBody")
