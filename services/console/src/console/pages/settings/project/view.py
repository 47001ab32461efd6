"""What the project's page shows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from console.design.parts import Option, Tab


@dataclass(frozen=True, slots=True)
class View:
    tabs: tuple[Tab, ...]
    project: Mapping[str, Any]
    zones: tuple[Option, ...]


def view(tabs: tuple[Tab, ...], project: Mapping[str, Any]) -> View:
    return View(tabs, project, zones())


@cache
def zones() -> tuple[Option, ...]:
    """Return the zones that have a city: others are old spellings of them."""
    named = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
    return tuple(Option(zone, zone) for zone in named if not zone.startswith(("Etc/", "posix/")))
