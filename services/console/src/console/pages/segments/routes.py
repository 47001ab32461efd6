"""The list of segments."""

from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.segments.view import NAMES, view
from console.web.conditions import Reader
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    place = {"limit": asks.one("limit"), "page": asks.one("page")}
    answer = await visit.api.get("/v1/segments", place)
    shown = view(asks, answer, Reader(visit.project.currency, visit.zone))
    return visit.page("pages/segments/page.html", shown, title=say("segments.title"))


PAGES: Final = (Page("/p/{project}/segments", show, section="segments", scope="campaigns_read"),)
