"""Instants in the zone of a project: 25 Nov 2026, 17:06."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAY_SECONDS: Final = 86_400
HOUR_SECONDS: Final = 3_600
MINUTE_SECONDS: Final = 60

Unit = Literal["now", "minutes", "hours"]


def read(instant: str | datetime) -> datetime:
    """Read an instant as the API writes it."""
    return datetime.fromisoformat(instant) if isinstance(instant, str) else instant


def day(instant: str | datetime, zone: ZoneInfo) -> str:
    """Write 25 Nov 2026."""
    return day_of(read(instant).astimezone(zone).date())


def day_of(local: date) -> str:
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def moment(instant: str | datetime, zone: ZoneInfo) -> str:
    """Write 25 Nov 2026, 17:06."""
    return f"{day(instant, zone)}, {read(instant).astimezone(zone):%H:%M}"


def exactly(instant: str | datetime, zone: ZoneInfo) -> str:
    """Write 17:06:03.412, the time of what was enforced."""
    local = read(instant).astimezone(zone)
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def exactly_where(instant: str | datetime, zone: ZoneInfo) -> str:
    """Write 17:06:03.412 (Europe/Berlin, UTC+1), where no date or zone stands beside it."""
    return f"{exactly(instant, zone)} ({zone_label(zone, read(instant))})"


def utc(instant: str | datetime) -> str:
    """Write for `datetime` of a <time>: RFC 3339 in UTC."""
    return read(instant).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def zone_label(zone: ZoneInfo, at: datetime) -> str:
    """Write Europe/Berlin, UTC+1."""
    offset = at.astimezone(zone).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    sign = "+" if minutes >= 0 else "\N{MINUS SIGN}"
    hours, rest = divmod(abs(minutes), 60)
    written = f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
    return "UTC" if zone.key == "UTC" else f"{zone.key}, {written}"


def age(instant: str | datetime, now: datetime) -> tuple[Unit, int] | None:
    """Say how long ago it was, in the unit that fits; None from a day on, and for the future."""
    seconds = (now - read(instant)).total_seconds()
    if not 0 <= seconds < DAY_SECONDS:
        return None
    if seconds < MINUTE_SECONDS:
        return ("now", 0)
    if seconds < HOUR_SECONDS:
        return ("minutes", int(seconds // MINUTE_SECONDS))
    return ("hours", int(seconds // HOUR_SECONDS))


def begin_of(local: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a day: midnight, or what stands for it when clocks change."""
    return datetime.combine(local, time(), zone).astimezone(UTC)


def end_of(local: date, zone: ZoneInfo) -> datetime:
    """Return the first instant after a day: what "ends 30 Nov" means, which includes that day."""
    return begin_of(local + timedelta(days=1), zone)


def last_second(end: str | datetime, zone: ZoneInfo) -> str:
    """Write the last second before an end: 30 Nov 2026, 23:59:59."""
    local = (read(end) - timedelta(seconds=1)).astimezone(zone)
    return f"{day_of(local.date())}, {local:%H:%M:%S}"


def last_minute(end: str | datetime, zone: ZoneInfo) -> str:
    """Write the last minute before an end, for lists: 30 Nov 2026, 23:59."""
    return last_second(end, zone)[: -len(":00")]


def typed(instant: str | datetime | None, zone: ZoneInfo) -> str:
    """Write for a field of type datetime-local: 2026-11-25T17:06."""
    return "" if instant is None else f"{read(instant).astimezone(zone):%Y-%m-%dT%H:%M}"


def of_field(text: str, zone: ZoneInfo) -> str:
    """Read such a field as the API wants it; raise ValueError where it is no time of that zone."""
    local = datetime.fromisoformat(text)
    if local.tzinfo is not None:
        raise ValueError(text)
    at = local.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != local:
        raise ValueError(text)  # clocks jumped over it
    return at.isoformat().replace("+00:00", "Z")
