"""The list of jobs."""

from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.jobs.view import NAMES, SHOWN, view
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    place = {"limit": SHOWN, "cursor": asks.one("after") or None}
    answer = await visit.api.get("/v1/async-actions", place)
    return visit.page("pages/jobs/page.html", view(asks, answer), title=say("jobs.title"))


PAGES: Final = (Page("/p/{project}/jobs", show, section="jobs", scope="campaigns_read"),)
