"""Moments in a query string: instants of RFC 3339, or days, which begin at midnight in UTC."""

import re
from datetime import UTC, datetime
from typing import Final

from servicekit.http.brackets import refusal

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+ -]\d\d:?\d\d)", re.ASCII
)
UNQUOTED_PLUS: Final = re.compile(r" (?=\d\d:?\d\d\Z)")


def moment(spelt: str, value: str) -> datetime:
    """Read one. Raises ApiError 400 that names the parameter."""
    text = UNQUOTED_PLUS.sub("+", value) if INSTANT.fullmatch(value) else value
    if not (DAY.fullmatch(text) or INSTANT.fullmatch(text)):
        raise refusal(spelt, "send an instant with its zone, 2026-11-26T06:00:00Z, or a day")
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refusal(spelt, "is no date of the calendar") from error
