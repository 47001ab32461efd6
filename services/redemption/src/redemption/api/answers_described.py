"""What the AsyncAPI document says of answers by Kafka: field by field, as the OpenAPI page does.

The contract has an answer's body as any object, for it is carried byte for byte.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from redemption.render.bodies import RefusalBody
from redemption.render.redemption import RedemptionsBody
from redemption.render.rollback import NotRolledBackBody, RollbacksBody
from servicekit.http.openapi import ERROR

TEMPLATE: Final = "#/components/schemas/{name}"
ANSWERS: Final = (RedemptionsBody, RollbacksBody, RefusalBody, NotRolledBackBody)
KEY_REUSED: Final = "KeyReused"


def describing_answers(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the bodies of answers; the contract's own schemas stay."""
    known = document["components"]["schemas"]
    bodies, within = msgspec.json.schema_components(ANSWERS, ref_template=TEMPLATE)
    reused = {**ERROR, "description": "The key was used for other content: nothing was decided."}
    schemas = {**within, KEY_REUSED: {**reused, "required": ["code", "key", "message", "details"]}}
    alternatives = [*bodies, {"$ref": TEMPLATE.format(name=KEY_REUSED)}, {"type": "null"}]
    answer = known["Answer"]
    described = {**answer["properties"], "body": {"anyOf": alternatives, "title": "Body"}}
    known = {**schemas, **known, "Answer": {**answer, "properties": described}}
    return {**document, "components": {**document["components"], "schemas": known}}
