"""The kinds of values that bodies hold: what passes here can be stored and published."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from fastapi import Body as RequestBody
from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException

from contracts.instants import to_rfc3339
from contracts.text import trim, trim_name

FIRST_YEAR = 1970
LONGEST_CODE = 200
DEEPEST = 50
LARGEST_INTEGER = 2**63 - 1
LARGEST_LIMIT = 2**53 - 1  # every JSON reader keeps it exact
MOST_NAMED = 10
LONGEST_NAMED = 100
UNKNOWN = "is unknown, known are {known}"

B = TypeVar("B", bound=BaseModel)


class Body(BaseModel):
    """A request's body: an unknown name is refused, and no fault repeats what was sent beside it.

    A name that is mistyped would be a restriction that nobody sees missing.
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
        return sent


class _NoFields(Body):
    """No field at all: what some clients send where nothing is asked."""


def _storable(text: str) -> str:
    if "\0" in text or (not text.isprintable() and _unencodable(text)):
        raise ValueError("holds a character that is no text")
    return text


def _unencodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("should have no control characters, and no blanks but spaces")
    return text


def _plain(text: str) -> str:
    if text != text.strip():
        raise ValueError("should have no space at its ends")
    return _printable(text)


def _short(text: str) -> str:
    if len(text) > LONGEST_CODE:
        raise ValueError(f"should have {LONGEST_CODE} characters at most")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("should be an http or https address")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError("should have no spaces")
    return text


def _moment(value: Any) -> datetime:
    """Read ISO 8601 as the official clients write it; what names no zone is UTC."""
    if isinstance(value, datetime):  # no client's: JSON has none
        return value
    if not isinstance(value, str):
        raise ValueError("should be an ISO 8601 date or date-time")  # noqa: TRY004 - pydantic's way
    try:
        given = datetime.fromisoformat(value)
        moment = given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("should be an ISO 8601 date or date-time") from None
    if moment.year < FIRST_YEAR:
        raise ValueError("should not be before 1970")
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _json(value: Any, depth: int = 0) -> Any:
    """Refuse, at any depth, what PostgreSQL's jsonb or a 64-bit reader cannot hold."""
    if depth > DEEPEST:
        raise ValueError(f"should be nested no deeper than {DEEPEST}")
    match value:
        case str():
            _storable(value)
        case bool():
            pass
        case int() if abs(value) > LARGEST_INTEGER:
            raise ValueError("holds a number beyond 64 bits")
        case float() if not math.isfinite(value):
            raise ValueError("holds a number that is none")
        case dict():
            for name, each in value.items():
                _storable(name)
                _json(each, depth + 1)
        case list():
            for each in value:
                _json(each, depth + 1)
        case _:
            pass
    return value


def _metadata(value: dict[str, Any]) -> dict[str, Any]:
    _json(value)
    return value


def _basis_points(value: float) -> int:
    points = Decimal(str(value)) * 100
    if points != points.to_integral_value():
        raise ValueError("should have two decimals at most")
    return int(points)


def _not_yet(value: Any) -> None:
    # Ignoring a restriction would grant what its author did not want to grant.
    if value:
        raise ValueError("is not supported yet")


def _not_assigned(value: Any) -> None:
    _not_yet(value.get("data") if isinstance(value, dict) else value)


def _decoded(part: str) -> str:
    """Read a part of a path as it was meant; one that is no text names nothing."""
    try:
        text = unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise HTTPException(404, "Resource not found")
    return text


def _sought(text: str) -> str:
    # What was pasted with a blank finds what was made without; a blank alone names nothing.
    try:
        return trim(text)
    except ValueError:
        raise HTTPException(404, "Resource not found") from None


def overlay(current: B, sent: BaseModel) -> B:
    """Lay what a client sent over the current values: what is absent stays, null empties."""
    named = sent.model_fields_set & type(current).model_fields.keys()
    return current.model_copy(update={name: getattr(sent, name) for name in named})


Nothing = Annotated[_NoFields | None, RequestBody()]
Text = Annotated[str, Field(max_length=10_000), AfterValidator(_storable)]
Name = Annotated[str, Field(max_length=200), AfterValidator(_storable), AfterValidator(trim_name)]
Code = Annotated[
    str,
    Field(max_length=LONGEST_CODE),
    AfterValidator(_storable),
    AfterValidator(trim),
    AfterValidator(_printable),
]
CodePart = Annotated[str, Field(max_length=200), AfterValidator(_plain)]
Url = Annotated[str, Field(max_length=2_000), AfterValidator(_storable), AfterValidator(_url)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(to_rfc3339, return_type=str, when_used="json"),
]
Metadata = Annotated[dict[str, Any], AfterValidator(_metadata)]
Percent = Annotated[
    Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True, allow_inf_nan=False)],
    Field(ge=0, le=100),
    AfterValidator(_basis_points),
]
Quantity = Annotated[int, Field(strict=True, ge=1, le=LARGEST_LIMIT)]
Limit = Annotated[int, Field(strict=True, ge=0, le=LARGEST_LIMIT)]
_REFUSED = Field(exclude=True, description="Not supported: refused unless it asks for nothing")
Unsupported = Annotated[Any, AfterValidator(_not_yet), _REFUSED]
Unassigned = Annotated[Any, AfterValidator(_not_assigned), _REFUSED]
PathParam = Annotated[str, Path(), AfterValidator(_decoded), AfterValidator(_sought)]
IdOrName = Annotated[PathParam, AfterValidator(trim_name)]
NewCode = Annotated[
    str,
    Path(),
    AfterValidator(_decoded),
    AfterValidator(trim),
    AfterValidator(_short),
    AfterValidator(_printable),
]
Sought = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$"), AfterValidator(trim)]
SoughtName = Annotated[Sought, AfterValidator(trim_name)]
