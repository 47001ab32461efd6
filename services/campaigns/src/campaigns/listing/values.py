"""The values of a query string: read as their kind, or refused by the parameter's name. Pure."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from campaigns import status
from campaigns.api.fields import moment
from campaigns.listing.fields import Field
from campaigns.refusals import InvalidQueryError
from contracts.text import trim, trim_name

LONGEST_VALUE: Final = 200
SHORTEST_PART: Final = 3  # of a code, anywhere within it; its beginning may be shorter
WITHOUT_VALUE: Final = ("$has_value", "$is_unknown", "$enabled", "$disabled", "$active", "$expired")

Value = str | datetime | Decimal | bool | int


def read_values(
    shown: str, field: Field, operator: str, values: Sequence[str]
) -> tuple[Value, ...]:
    if operator in WITHOUT_VALUE:
        if values[0] not in {"", "true"}:
            raise InvalidQueryError(shown, "takes nothing, or true")
        return ()
    read: Callable[[str, str], Value] = _name if field.kind == "text" else _text
    if field.kind == "date":
        read = _moment
    elif field.kind == "number":
        read = _integer
    elif operator.startswith(("$more", "$less")):
        read = _number
    elif field.kind == "flag":
        read = flag
    found = tuple(read(shown, value) for value in values)
    for value in found:
        allowed = status.STATUSES if field.kind == "status" else field.values
        if allowed and value not in allowed:
            raise InvalidQueryError(shown, f"should be one of {', '.join(allowed)}")
        if field.kind == "code" and operator == "$contains" and len(str(value)) < SHORTEST_PART:
            raise InvalidQueryError(shown, f"should have {SHORTEST_PART} characters or more")
    return found


def _text(shown: str, value: str) -> str:
    if len(value) > LONGEST_VALUE:
        raise InvalidQueryError(shown, f"should have {LONGEST_VALUE} characters at most")
    try:
        return trim(value)
    except ValueError:
        raise InvalidQueryError(shown, "should not be empty") from None


def _name(shown: str, value: str) -> str:
    return trim_name(_text(shown, value))


def searched(value: str | None) -> str | None:
    return None if value is None else _text("search", value)


def _moment(shown: str, value: str) -> datetime:
    try:
        return moment(value)
    except ValueError as error:
        raise InvalidQueryError(shown, str(error)) from None


def _number(shown: str, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > Decimal(2**63):
        raise InvalidQueryError(shown, "should be a number")
    return number


def _integer(shown: str, value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise InvalidQueryError(shown, "should be a whole number")
    return int(value)


def flag(shown: str, value: str) -> bool:
    return one_of(shown, value, ("true", "false")) == "true"


def one_of(shown: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise InvalidQueryError(shown, f"should be one of {', '.join(known)}")
    return value


def whole(shown: str, value: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise InvalidQueryError(shown, f"should be a whole number from {least} to {most:,}")
    return int(value)
