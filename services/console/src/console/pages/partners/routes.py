"""The list of partners."""

from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.partners.view import NAMES, asked, view
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    answer = await visit.api.get("/v1/partners", asked(asks))
    page = asks.one("page")
    title = say("partners.title") if page == "1" else say("partners.title_page", page=page)
    return visit.page("pages/partners/page.html", view(asks, answer), title=title)


PAGES: Final = (Page("/p/{project}/partners", show, section="partners", scope="campaigns_read"),)
