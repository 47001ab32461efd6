"""Conditions as Voucherify's API spells them: `{"$is": ["gold"], "$has_value": []}`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import ValidationError

from contracts.conditions import Condition, Operator

OPERATORS: Final[tuple[str, ...]] = get_args(Operator)
OTHER_SPELLINGS: Final[Mapping[str, Operator]] = {  # of Voucherify's rules
    "$more_than_or_equal": "$more_than_equal",
    "$less_than_or_equal": "$less_than_equal",
}
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], [""])  # how clients say "no value"

# For the API's page.
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "Operators with the values that each takes: all of them have to hold.",
    "minProperties": 1,
    "propertyNames": {"enum": [*OPERATORS, *OTHER_SPELLINGS]},
    "additionalProperties": {
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "array", "items": {"type": ["string", "number", "boolean"]}},
        ]
    },
    "examples": [{"$in": ["gold", "silver"]}],
}


def read(sent: object) -> tuple[Condition, ...]:
    """Read what was sent as `conditions`. Raises ValueError that says what is wrong with it."""
    if not isinstance(sent, dict) or not sent:
        raise ValueError("conditions should be an object of operators and their values")
    read_ = tuple(_condition(str(operator), values) for operator, values in sent.items())
    for other, operator in OTHER_SPELLINGS.items():
        if other in sent and operator in sent:
            raise ValueError(f"{other} is {operator}, which is there as well: send one of the two")
    return read_


def spelled(conditions: Sequence[Condition]) -> dict[str, list[Any]]:
    """Write conditions as they are sent."""
    return {each.operator: list(each.values) for each in conditions}


def _condition(operator: str, sent: object) -> Condition:
    known = OTHER_SPELLINGS.get(operator, operator)
    if known not in OPERATORS:
        names = ", ".join(OPERATORS)
        raise ValueError(f"operator {operator[:100]} is unknown, known are {names}")
    values = [] if sent in _NOTHING else sent if isinstance(sent, list) else [sent]
    try:
        return Condition.model_validate({"operator": known, "values": values})
    except ValidationError as error:
        raise ValueError(f"{operator}: {_reason(error)}") from None


def _reason(error: ValidationError) -> str:
    """Say the first fault; those of a value come once for each kind that it might have been."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["loc"][:1] == ("values",):
        return "should be texts, numbers within 2^53, or yes and no, 100 of them at most"
    return str(first["msg"]).removeprefix("Value error, ")
