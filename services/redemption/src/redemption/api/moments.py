"""Moments that a client names: an instant of RFC 3339, in a query also a day, of UTC."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from servicekit.http.brackets import refusal
from servicekit.http.errors import invalid

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+ -]\d\d:?\d\d)", re.ASCII
)
UNQUOTED_PLUS: Final = re.compile(r" (?=\d\d:?\d\d\Z)")
# Whatever a campaign reckons from a moment, weeks and years ahead, stays within the calendar.
YEARS: Final = range(1970, 2200)

Moment = Annotated[
    datetime,
    msgspec.Meta(
        tz=True,
        description="judge times, and limits per period, as of this instant, which has a zone; "
        "switches, and limits without a period, by their state now. Absent: now",
    ),
]


def to_judge_by(at: datetime) -> datetime:
    """Read a validation's moment. Raises ApiError 400 that names the field."""
    if at.year not in YEARS:
        raise invalid(f"`$.at`: must be of the years {YEARS[0]} to {YEARS[-1]}")
    return at.astimezone(UTC)


def moment(spelt: str, value: str) -> datetime:
    """Read a parameter's. Raises ApiError 400 that names it."""
    text = UNQUOTED_PLUS.sub("+", value) if INSTANT.fullmatch(value) else value
    if not (DAY.fullmatch(text) or INSTANT.fullmatch(text)):
        raise refusal(spelt, "send an instant with its zone, 2026-11-26T06:00:00Z, or a day")
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refusal(spelt, "is no date of the calendar") from error
