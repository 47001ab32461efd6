"""The page of all components. It is nobody's, so that it can be looked at without signing in."""

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from console import query
from console.design.words import say
from console.pages.design.view import STATUSES, View
from console.session.people import Person, Project
from console.web.pages import Page
from console.web.visit import Visit

THEMES: Final = ("system", "light", "dark")
# The theme, and what the sample of a filter bar sends.
NAMES: Final = (
    query.choice("theme", THEMES, usual="system"),
    query.text("q"),
    query.choice("status", STATUSES, many=True),
    query.text("partner", many=True),
    query.whole("redeemed_min"),
    query.whole("redeemed_max"),
)
SCOPES: Final = frozenset({"campaigns", "redemptions", "reports", "settings"})


def nobody(theme: str) -> Person:
    """Make up who it is shown to: the frame has a project to switch to and all sections."""
    projects = tuple(
        Project(key, name, "owner", SCOPES, "EUR", 2, "Europe/Berlin", None)
        for key, name in (("sample", "Sample project"), ("another", "Another project"))
    )
    return Person("user_0", "mara@shop.example", "Mara Lindt", True, theme, True, {}, projects)


async def show(visit: Visit) -> Response:
    person = nobody(visit.query(NAMES).one("theme"))
    visit = replace(visit, known_person=person, known_project=person.projects[0])
    return visit.page("pages/design/page.html", View(), title=say("design.title"))


PAGES: Final = (Page("/design", show, is_open=True),)
