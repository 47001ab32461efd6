"""Days, weeks and months as a shop counts them: by the clock of its project's time zone. Pure."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

Period = Literal["day", "week", "month"]


def period_of(at: datetime, per: Period, time_zone: str) -> str:
    """Name the period in which an instant lies: 2026-11-26, 2026-W48 (ISO 8601) or 2026-11."""
    local = at.astimezone(ZoneInfo(time_zone))
    match per:
        case "day":
            return f"{local:%Y-%m-%d}"
        case "week":
            year, week, _ = local.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case "month":
            return f"{local:%Y-%m}"
