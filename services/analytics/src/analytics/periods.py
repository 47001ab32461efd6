"""From `from` and `to` to instants: dates are days of the project's own time zone. Pure."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# The range of ClickHouse's DateTime64.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2299, 12, 31, tzinfo=UTC)


def instant(text: str, time_zone: str) -> datetime:
    """Read a date as the moment when that day begins there, or an instant as it stands.

    A day that begins at 1 o'clock, because clocks were put forward at midnight, begins then.
    """
    if DATE.fullmatch(text):
        moment = datetime.combine(date.fromisoformat(text), time(), _zone(time_zone))
    else:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("an instant needs an offset from UTC, such as Z")
    try:
        return min(max(moment.astimezone(UTC), EARLIEST), LATEST)
    except OverflowError:
        return EARLIEST if moment.year == 1 else LATEST


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"the project's time zone {name} is unknown here") from error
