"""The list of rules."""

from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.rules.view import NAMES, asked, view
from console.web import defined
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    answer = await visit.api.get("/v1/validation-rules", asked(asks))
    shown = view(asks, answer, await defined.reader(visit))
    return visit.page("pages/rules/page.html", shown, title=say("rules.title"))


PAGES: Final = (Page("/p/{project}/rules", show, section="rules", scope="campaigns_read"),)
