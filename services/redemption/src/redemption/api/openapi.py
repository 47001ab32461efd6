"""What the OpenAPI page says beyond what FastAPI sees: the bodies that msgspec reads and writes."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from fastapi import FastAPI

from contracts.redemptions import Reason
from redemption.api.answers import (
    RedemptionEntries,
    RedemptionList,
    SegmentsOfCustomer,
    ValidationBody,
)
from redemption.api.bodies import RedemptionRequestBody, ValidationRequestBody
from redemption.api.customer_bodies import CustomerUpsertBody
from redemption.api.order_bodies import OrderUpsertBody
from redemption.api.refusal_examples import example_of
from redemption.api.rollback_bodies import RollbackRequestBody
from redemption.render.bodies import RefusalBody
from redemption.render.customers_kept import (
    CustomerList,
    KeptCustomer,
    PermanentDeletion,
    PersonExport,
)
from redemption.render.lookup import LookedUp, LookedUpParent
from redemption.render.orders_kept import KeptOrder, OrderList
from redemption.render.redemption import RedemptionsBody
from redemption.render.rollback import (
    NotRolledBackBody,
    ParentRollbackBody,
    RollbackBody,
    RollbacksBody,
)
from servicekit.http.openapi import ERROR, describe, error_response

DESCRIPTION: Final = """
Redeems codes and foretells redemptions. Amounts are integers in minor units of the project's
currency, instants are UTC. Send an `Idempotency-Key` with every redemption: the same key and body
get the first answer again, byte for byte, refusals too (a new attempt needs a new key); why a page
was refused is told anew.
"""

BODIES: Final = (
    RedemptionsBody,
    LookedUpParent,
    ValidationBody,
    RedemptionList,
    RedemptionEntries,
    SegmentsOfCustomer,
    LookedUp,
    ParentRollbackBody,
    RollbackBody,
    RollbacksBody,
    RefusalBody,
    NotRolledBackBody,
    KeptOrder,
    OrderList,
    KeptCustomer,
    CustomerList,
    PersonExport,
    PermanentDeletion,
)

JSON: Final = "application/json"
BAD_REQUEST: Final = 400

IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Yours: the same key with the same content gets the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}

TRACEPARENT: Final = {
    "name": "traceparent",
    "in": "header",
    "required": False,
    "description": "Of W3C's Trace Context: passed on to the outcome; what is none is ignored.",
    "schema": {"type": "string"},
}

ONE_CODE: Final = {
    "redeemables": [{"object": "voucher", "id": "AUTUMN10"}],
    "customer": {"source_id": "shopper-1"},
    "order": {
        "source_id": "order-1",
        "currency": "USD",
        "items": [{"product_id": "sku-1", "quantity": 2, "amount": 8900}],
    },
    "metadata": {"till": 7},
}
TWO_CODES: Final = {
    "redeemables": [{"object": "voucher", "id": "AUTUMN10"}, {"object": "voucher", "id": "EXTRA5"}],
    "customer": {"source_id": "shopper-1"},
    "order": {"source_id": "order-2", "amount": 8900},
}
ANOTHER_MOMENT: Final = ONE_CODE | {"at": "2026-12-24T18:00:00+01:00"}


def body_of(schema: type, **examples: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Say what a body is, with examples: what each is about, and the example itself."""
    said = {name: {"summary": of, "value": each} for name, (of, each) in examples.items()}
    described = {"schema": {"$ref": f"#/components/schemas/{schema.__name__}"}, "examples": said}
    return {"requestBody": {"required": True, "content": {JSON: described}}}


ONE: Final = ("one code", ONE_CODE)
TWO: Final = ("two codes, both or none", TWO_CODES)
MOMENT: Final = ("as of another moment than now", ANOTHER_MOMENT)
REDEMPTION: Final = body_of(RedemptionRequestBody, one=ONE, two=TWO)
VALIDATION: Final = body_of(ValidationRequestBody, one=ONE, two=TWO, moment=MOMENT)


def answers(said: str, *schemas: str) -> dict[str, Any]:
    references = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    schema = references[0] if len(references) == 1 else {"anyOf": references}
    return {"description": said, "content": {JSON: {"schema": schema}}}


def refused(
    said: str, refusal: type, examples: Mapping[str, Mapping[str, Any]], *malformed: tuple[str, str]
) -> dict[str, Any]:
    """Describe refusals, by key, and what else has their status: malformed requests.

    A refusal has no request id, since it is the same bytes on every repeat.
    """
    described = error_response(said, BAD_REQUEST, *malformed)
    content = described["content"][JSON]
    schemas = [refusal.__name__, *(["Error"] if malformed else [])]
    content["schema"] = answers(said, *schemas)["content"][JSON]["schema"]
    content["examples"].update({key: {"value": each} for key, each in examples.items()})
    return described


KEY_REUSED: Final = error_response(
    "The Idempotency-Key was used for other content: nothing was decided",
    422,
    ("idempotency_key_reused", "this key was used for another request"),
    # The same bytes on every repeat, too.
    schema={**ERROR, "required": ["code", "key", "message", "details"]},
)
_MALFORMED: Final = ("invalid_payload", "Invalid payload")
_GUESSING: Final = error_response(
    "Too many wrong codes: nothing was tried; wait the seconds of Retry-After",
    429,
    ("too_many_requests", "Too many requests"),
)
REDEEM_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: answers("All codes are redeemed", "RedemptionsBody"),
    400: refused(
        "Malformed, or refused: why, and what would help",
        RefusalBody,
        {each: example_of(each) for each in Reason if each is not Reason.NOT_FOUND},
        _MALFORMED,
        ("duplicated_redeemables", "Invalid payload"),
    ),
    404: refused(
        "Refused: nobody has issued this code",
        RefusalBody,
        {Reason.NOT_FOUND: example_of(Reason.NOT_FOUND)},
    ),
    422: KEY_REUSED,
    429: _GUESSING,
}
VALIDATE_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: answers("What would become of each code, whether or not it would pass", "ValidationBody"),
    400: error_response(
        "Malformed", 400, _MALFORMED, ("duplicated_redeemables", "Invalid payload")
    ),
    429: _GUESSING,
}
LOOK_UP_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: answers(
        "One code's redemption, what codes redeemed together have in common, or a refusal",
        "LookedUp",
        "LookedUpParent",
        "ParentRollbackBody",
    ),
}


def describing(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return what FastAPI asks for the document."""

    @cache
    def document() -> dict[str, Any]:
        described = describe(app)
        _, schemas = msgspec.json.schema_components(
            (
                *BODIES,
                OrderUpsertBody,
                CustomerUpsertBody,
                RedemptionRequestBody,
                ValidationRequestBody,
                RollbackRequestBody,
            ),
            ref_template="#/components/schemas/{name}",
        )
        described["components"]["schemas"].update(schemas)
        return described

    return document
