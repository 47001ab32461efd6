"""Jinja as all pages have it: templates are named by their path below the package's folder."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.api.client import segment
from console.design.words import say
from console.format import instants, money, numbers
from console.web.assets import Assets

ROOT: Final = Path(__file__).parent.parent


def environment(assets: Assets) -> Environment:
    made = Environment(
        loader=FileSystemLoader(ROOT),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "t": say,
        "asset": assets.url,
        "money": money.money,
        "short_money": money.short_money,
        "number": numbers.number,
        "short": numbers.short,
        "percent": numbers.percent,
        "times": numbers.times,
        "moment": _in_zone(instants.moment),
        "day": _in_zone(instants.day),
        "exactly": _in_zone(instants.exactly),
        "utc": instants.utc,
        "ago": ago,
    }
    made.filters |= {"segment": segment}
    return made


def _in_zone(write: Any) -> Any:
    """Let templates name a zone, as `frame.zone` does."""

    def written(instant: str | datetime, zone: str) -> str:
        text: str = write(instant, ZoneInfo(zone))
        return text

    return written


def ago(instant: str | datetime, now: datetime | None = None) -> str:
    """Write how long ago it was where that is less than a day, else nothing."""
    found = instants.age(instant, now or datetime.now(UTC))
    if found is None:
        return ""
    unit, count = found
    return str(say(f"ago.{unit}", n=count))
