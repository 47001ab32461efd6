"""What a body is: every name is known, or refused by name."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from fastapi import Body as RequestBody
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from campaigns.api.instead import INSTEAD

MOST_NAMED = 10
LONGEST_NAMED = 100
UNKNOWN = "is unknown, known are {known}"

B = TypeVar("B", bound=BaseModel)

# What a list without elements says of itself.
_OF_AN_EMPTY_LIST: Final[Mapping[str, tuple[Any, ...]]] = {
    "object": ("list",),
    "data_ref": ("data", "assignments"),
    "total": (0,),
}


class Body(BaseModel):
    """A request's body: an unknown name is refused, and no fault repeats what was sent beside it.

    A name that is mistyped would be a restriction that nobody sees missing. Null is as good as
    absent where a field has a default.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _knows_every_name(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        unknown = [name for name in sent if name not in cls.model_fields]
        if unknown:
            ours = sorted(n for n, field in cls.model_fields.items() if not field.exclude)
            reason = PydanticCustomError(
                "unknown_name", UNKNOWN, {"known": ", ".join(ours) or "none"}
            )
            raise ValidationError.from_exception_data(
                cls.__name__,
                [
                    {"type": reason, "loc": (str(name)[:LONGEST_NAMED],), "input": None}
                    for name in unknown[:MOST_NAMED]
                ],
            )
        return {
            name: value
            for name, value in sent.items()
            if value is not None or not _has_default(cls.model_fields[name])
        }


def _has_default(field: FieldInfo) -> bool:
    return not field.is_required() and field.default is not None


def example(**body: Any) -> ConfigDict:
    """Return the `model_config` of a body that shows this one as an example of itself."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class _NoFields(Body):
    """No field at all: what some clients send where nothing is asked."""


def _not_yet(value: Any, info: ValidationInfo) -> None:
    # Ignoring a restriction would grant what its author did not want to grant. Zero is one.
    if value is not None and value is not False and value not in ([], {}):
        instead = INSTEAD.get(info.field_name or "")
        raise ValueError(f"is not supported yet: {instead}" if instead else "is not supported yet")


def _not_assigned(value: Any, info: ValidationInfo) -> None:
    if not isinstance(value, dict):
        _not_yet(value, info)
        return
    for name, each in value.items():
        if each not in _OF_AN_EMPTY_LIST.get(name, ()):
            _not_yet(each, info)


def _none_or_as_sent(value: Any, info: ValidationInfo) -> Any:
    try:
        _not_assigned(value, info)
    except ValueError:
        return value
    return {"total": 0}


def overlay(current: B, sent: BaseModel) -> B:
    """Lay what a client sent over the current values: what is absent stays, null empties."""
    named = sent.model_fields_set & type(current).model_fields.keys()
    return current.model_copy(update={name: getattr(sent, name) for name in named})


Nothing = Annotated[_NoFields | None, RequestBody()]
_REFUSED = Field(exclude=True, description="Not supported: refused unless it asks for nothing")
_NOTHING_ASKED = Field(json_schema_extra={"enum": [None, False, [], {}]})
Unsupported = Annotated[Any, AfterValidator(_not_yet), _REFUSED, _NOTHING_ASKED]
Unassigned = Annotated[Any, AfterValidator(_not_assigned), _REFUSED]
# What a PUT may repeat; `check_fixed` refuses anything else.
Fixed = Annotated[Any, Field(exclude=True, description="As it is: it cannot be changed here.")]
# As an answer has it, or in one of the ways in which clients write that there is none.
Assigned = Annotated[
    Any,
    AfterValidator(_none_or_as_sent),
    Field(exclude=True, description="As it is: send the rules' ids as `validation_rules`."),
]
