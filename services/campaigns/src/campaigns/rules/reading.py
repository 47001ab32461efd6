"""What the parts of a rule have in common, as they are sent: fields, messages, faults. Pure."""

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from contracts.contradictions import refuse_fractions
from contracts.rule_names import WHOLE
from contracts.rule_nodes import LineCondition, Node

LOGIC: Final = "logic"
LONGEST_NAMED: Final = 100
FIELDS: Final = frozenset({"name", "property", "conditions", "rules", "error"})

M = TypeVar("M", bound=BaseModel)


def parts_of(sent: object) -> tuple[dict[str, Any], str]:
    """Return conditions by their keys, and the logic between them."""
    if not isinstance(sent, dict):
        raise ValueError("should be an object of conditions and their logic")  # noqa: TRY004 - pydantic's way
    asked = {str(key): each for key, each in sent.items() if key != LOGIC}
    written = sent.get(LOGIC)
    if not asked:
        raise ValueError("should have one condition at least")
    if not isinstance(written, str):
        raise ValueError("logic should say how the conditions hang together: '1 and (2 or 3)'")  # noqa: TRY004
    return asked, written


def fields_of(named: str, sent: object) -> dict[str, Any]:
    """Return the fields of a condition, each of which is known."""
    if not isinstance(sent, dict):
        raise ValueError(f"{named} should be an object with a `name`")  # noqa: TRY004 - pydantic's way
    for field in sent:
        if field not in FIELDS:
            known = ", ".join(sorted(FIELDS))
            raise ValueError(f"{named}: {str(field)[:LONGEST_NAMED]} is unknown, known are {known}")
    return sent


def check_known(name: object, known: Collection[str]) -> None:
    """Raise ValueError for a name that no condition has."""
    if not isinstance(name, str) or name not in known:
        names = ", ".join(known)
        raise ValueError(f"name {str(name)[:LONGEST_NAMED]} is unknown, known are {names}")


def check_whole(of: Node | LineCondition) -> None:
    """Raise ValueError where what is always whole has to be equal to what is not."""
    if of.name in WHOLE:
        try:
            refuse_fractions(of.conditions)
        except ValueError as error:
            raise ValueError(f"{of.name}: {error}") from None


def check_none_within(fields: Mapping[str, Any]) -> None:
    """Raise ValueError where a condition has conditions of its own, and is not of lines."""
    if fields.get("rules"):
        raise ValueError("has no rules within")


def message_of(sent: object) -> str | None:
    """Read what was sent as `error`: what the author would have people told."""
    if sent is None or sent == {}:
        return None
    if not isinstance(sent, dict) or list(sent) != ["message"]:
        raise ValueError("error should have a `message`, and nothing else")
    message = sent["message"]
    if message is None or (isinstance(message, str) and message):
        return message
    raise ValueError("error.message should be a text that is not empty")


def made(model: type[M], words: Mapping[str, Any]) -> M:
    """Make one of a contract's values. Raises ValueError that says the first fault, and where."""
    try:
        return model.model_validate(words)
    except ValidationError as error:
        [first, *_] = error.errors(include_url=False, include_input=False)
        place = ".".join([str(part) for part in first["loc"] if isinstance(part, str)])
        said = str(first["msg"]).removeprefix("Value error, ")
        raise ValueError(f"{place}: {said}" if place else said) from None
