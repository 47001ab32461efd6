"""The kinds of values that bodies hold: what passes here can be stored and published."""

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from unicodedata import normalize
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer
from pydantic_core import to_json

from contracts.instants import to_rfc3339
from contracts.metadata import MOST_METADATA_BYTES
from contracts.text import BLANKS, trim, trim_name

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR = 1970
LAST_YEAR = 9998  # the day after is one, too
LONGEST_CODE = 200
DEEPEST = 50
LONGEST_EMAIL = 254
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
FEWEST_CHARACTERS = 5
EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")
LARGEST_INTEGER = 2**63 - 1
LARGEST_LIMIT = 2**53 - 1  # every JSON reader keeps it exact


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


def printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("should have no control characters, and no blanks but spaces")
    return text


def _plain(text: str) -> str:
    if text != text.strip(BLANKS):
        raise ValueError("should have no space at its ends")
    return printable(text)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("should be an http or https address")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError("should have no spaces")
    return text


def new_password(text: str) -> str:
    """Return a password that somebody wants, as it will be compared; it is never told again."""
    text = as_typed(text)
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        raise ValueError(f"should have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if len(set(text)) < FEWEST_CHARACTERS:
        raise ValueError("should not be the same few characters again and again")
    return text


def as_typed(password: str) -> str:
    """Return a password as one text, however a keyboard composes its letters."""
    return normalize("NFC", _storable(password))


def _email(text: str) -> str:
    if not EMAIL.fullmatch(text):
        raise ValueError("should be an e-mail address")
    return text.lower()


def moment(value: Any) -> datetime:
    """Read ISO 8601 as the official clients write it; what names no zone is UTC."""
    if isinstance(value, datetime):  # no client's: JSON has none
        return value
    if not isinstance(value, str):
        raise ValueError("should be an ISO 8601 date or date-time")  # noqa: TRY004 - pydantic's way
    try:
        given = datetime.fromisoformat(value)
        at = given.replace(tzinfo=given.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("should be an ISO 8601 date or date-time") from None
    if at.year < FIRST_YEAR:
        raise ValueError("should not be before 1970")
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def day_or_moment(value: Any) -> date | datetime:
    """Read a date alone as that day, wherever it is told; anything else is an instant."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return moment(value)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("should be an ISO 8601 date or date-time") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"should be within {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _written(value: date | datetime) -> str:
    return to_rfc3339(value) if isinstance(value, datetime) else value.isoformat()


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


def metadata(value: dict[str, Any]) -> dict[str, Any]:
    """Return them, or raise ValueError for what cannot be kept, and for more than a redemption's.

    Each of a million codes may have all of them, and each answer and list shows them.
    """
    _json(value)
    if (length := len(to_json(value))) > MOST_METADATA_BYTES:
        raise ValueError(f"takes {length:,} bytes, of which {MOST_METADATA_BYTES:,} are allowed")
    return value


def _basis_points(value: float) -> int:
    points = Decimal(str(value)) * 100
    if points != points.to_integral_value():
        raise ValueError("should have two decimals at most")
    return int(points)


Text = Annotated[str, Field(max_length=10_000), AfterValidator(_storable)]
Name = Annotated[str, Field(max_length=200), AfterValidator(_storable), AfterValidator(trim_name)]
Email = Annotated[
    str,
    Field(max_length=LONGEST_EMAIL),
    AfterValidator(_storable),
    AfterValidator(trim),
    AfterValidator(printable),
    AfterValidator(_email),
]
Code = Annotated[
    str,
    Field(max_length=LONGEST_CODE),
    AfterValidator(_storable),
    AfterValidator(trim),
    AfterValidator(printable),
]
CodePart = Annotated[str, Field(max_length=200), AfterValidator(_plain)]
Url = Annotated[str, Field(max_length=2_000), AfterValidator(_storable), AfterValidator(_url)]
Moment = Annotated[
    datetime,
    BeforeValidator(moment),
    PlainSerializer(to_rfc3339, return_type=str, when_used="json"),
]
DayOrMoment = Annotated[
    date | datetime,
    BeforeValidator(day_or_moment),
    PlainSerializer(_written, return_type=str, when_used="json"),
]
Metadata = Annotated[dict[str, Any], AfterValidator(metadata)]
Percent = Annotated[
    Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True, allow_inf_nan=False)],
    Field(ge=0, le=100),
    AfterValidator(_basis_points),
]
Quantity = Annotated[int, Field(strict=True, ge=1, le=LARGEST_LIMIT)]
Limit = Annotated[int, Field(strict=True, ge=0, le=LARGEST_LIMIT)]
