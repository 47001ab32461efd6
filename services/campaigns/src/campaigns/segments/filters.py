"""A segment's filter as Voucherify's API spells it: attributes beside the junction. Pure.

{"junction": "and", "metadata.tier": {"conditions": {"$is": ["gold"]}}}
"""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError

from campaigns.api import conditions
from contracts.conditions import Condition
from contracts.contradictions import refuse_contradictions, refuse_fractions
from contracts.segments import ATTRIBUTES, METADATA, MOST_CRITERIA, Criterion, Filter

JUNCTION: Final = "junction"
_NOT_NEGATIVE: Final = Condition(operator="$more_than_equal", values=(0,))

_CONDITIONS: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "properties": {"conditions": conditions.SCHEMA},
    "required": ["conditions"],
    "additionalProperties": False,
}
# For the API's page.
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": f"What customers have to be: {', '.join(ATTRIBUTES)}, {METADATA}<name>.",
    "properties": {
        JUNCTION: {"type": ["string", "null"], "enum": ["and", "or", None], "default": "and"},
        **dict.fromkeys(ATTRIBUTES, _CONDITIONS),
    },
    "patternProperties": {r"^metadata\..+$": _CONDITIONS},
    "additionalProperties": False,
    "examples": [
        {JUNCTION: "and", "summary.orders.last_order_date": {"conditions": {"$more_than_ago": 60}}}
    ],
}


def read(sent: object) -> Filter:
    """Read a filter that was sent. Raises ValueError that says what is wrong with it."""
    if isinstance(sent, Filter):  # no client's: JSON has none
        return sent
    if not isinstance(sent, dict):
        raise ValueError("should be an object of attributes and their conditions")  # noqa: TRY004 - pydantic's way
    given = {str(name): each for name, each in sent.items() if each is not None}
    junction = given.pop(JUNCTION, "and")
    if junction not in ("and", "or"):
        raise ValueError("junction should be and, or or")
    if not 1 <= len(given) <= MOST_CRITERIA:
        raise ValueError(f"should have 1 to {MOST_CRITERIA} attributes")
    return Filter(junction=junction, criteria=tuple(_criterion(*each) for each in given.items()))


def spelled(of: Filter) -> dict[str, Any]:
    """Write a filter as it is sent."""
    return {JUNCTION: of.junction} | {
        each.attribute: {"conditions": conditions.spelled(each.conditions)} for each in of.criteria
    }


def _criterion(attribute: str, sent: object) -> Criterion:
    name = attribute[:100]
    if not isinstance(sent, dict) or list(sent) != ["conditions"]:
        raise ValueError(f"{name} should have `conditions`, and nothing else")
    try:
        read_ = conditions.read(sent["conditions"])
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    try:
        made = Criterion(attribute=attribute, conditions=read_)
    except ValidationError as error:
        [first, *_] = error.errors(include_url=False, include_input=False)
        raise ValueError(str(first["msg"]).removeprefix("Value error, ")) from None
    if ATTRIBUTES.get(attribute) == "number":  # a count, or an amount
        try:
            refuse_fractions(read_)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        _refuse_below_nothing(name, read_)
    return made


def _refuse_below_nothing(name: str, asked: Sequence[Condition]) -> None:
    """Raise ValueError where a count or a sum would have to be less than it ever is."""
    try:
        refuse_contradictions("number", (*asked, _NOT_NEGATIVE))
    except ValueError:
        if any(each.operator == "$is_unknown" for each in asked):
            reason = "is always known"
        else:
            reason = "is never below 0"
        operators = ", ".join(each.operator for each in asked)
        raise ValueError(f"{name} {reason}: nothing can meet {operators}") from None
