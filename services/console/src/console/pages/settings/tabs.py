"""The ways between the pages of settings."""

from typing import Final

from console.design.parts import Tab
from console.design.words import say
from console.web.visit import Visit

PAGES: Final = ("project", "stacking", "categories", "keys", "users", "audit")


def tabs(visit: Visit, current: str) -> tuple[Tab, ...]:
    return tuple(
        Tab(say(f"settings.{page}"), visit.path("settings", page), current=page == current)
        for page in PAGES
    )
