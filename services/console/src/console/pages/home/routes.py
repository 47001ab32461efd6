"""The front doors: they lead to where a person has something to see."""

from typing import Final

from starlette.responses import Response

from console.web.outcomes import ForbiddenError
from console.web.pages import Page
from console.web.visit import Visit


async def enter(visit: Visit) -> Response:
    """Lead to a project of theirs: who is staff of one and a partner of another begins as staff."""
    projects = sorted(visit.person.projects, key=lambda each: each.is_portal)
    if not projects:
        raise ForbiddenError
    return visit.redirect(projects[0].home)


async def enter_portal(visit: Visit) -> Response:
    """Lead a partner to their own pages, by the address that is the same for all of them."""
    found = next((each for each in visit.person.projects if each.is_portal), None)
    if found is None:
        raise ForbiddenError
    return visit.redirect(found.home)


PAGES: Final = (Page("/", enter), Page("/portal", enter_portal))
