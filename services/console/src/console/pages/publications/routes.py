"""The list of publications, the latest first: of all, of a campaign, a code or a customer."""

from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.publications.view import NAMES, asked, view
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    answer = await visit.api.get("/v1/publications", asked(asks))
    page = asks.one("page")
    title = say("publications.title") if page == "1" else say("publications.title_page", page=page)
    shown = view(asks, answer, visit.zone)
    return visit.page("pages/publications/page.html", shown, title=title)


PAGES: Final = (Page("/p/{project}/publications", show, section="codes", scope="campaigns_read"),)
