"""The front door: it leads to where a person has something to see."""

from typing import Final

from starlette.responses import Response

from console.web.outcomes import ForbiddenError
from console.web.pages import Page
from console.web.visit import Visit


async def enter(visit: Visit) -> Response:
    projects = visit.person.projects
    staff = next((each for each in projects if not each.is_portal), None)
    if staff is not None:
        return visit.redirect(f"/p/{staff.id}/")
    if projects:
        return visit.redirect("/portal")
    raise ForbiddenError


PAGES: Final = (Page("/", enter),)
