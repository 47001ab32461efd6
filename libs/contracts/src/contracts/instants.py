"""Instants on the wire: UTC, RFC 3339, milliseconds."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer


@lru_cache(maxsize=1024)  # records of one batch share their milliseconds
def to_rfc3339(instant: datetime) -> str:
    """Write an aware instant as the contracts do: `2026-11-23T13:00:00.000Z`."""
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _refuse_numbers(instant: Any) -> Any:
    """Raise ValueError for seconds since 1970, which name no zone, and may be milliseconds."""
    if isinstance(instant, int | float) or (isinstance(instant, str) and ":" not in instant):
        raise ValueError("should be an instant as RFC 3339 writes it, with its zone")
    return instant


def _to_milliseconds(instant: datetime) -> datetime:
    try:
        utc = instant.astimezone(UTC)
    except OverflowError as error:  # 0001-01-01T00:00:00+01:00 is before all time in UTC
        raise ValueError("is outside the calendar in UTC") from error
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_refuse_numbers),
    AfterValidator(_to_milliseconds),
    PlainSerializer(to_rfc3339, return_type=str, when_used="json"),
]
