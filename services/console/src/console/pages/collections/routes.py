"""The list of collections of products."""

from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.collections.view import NAMES, view
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    place = {"limit": asks.one("limit"), "page": asks.one("page")}
    answer = await visit.api.get("/v1/product-collections", place)
    shown = view(asks, answer, visit.path())
    return visit.page("pages/collections/page.html", shown, title=say("goods.collections"))


PAGES: Final = (Page("/p/{project}/collections", show, section="products", scope="campaigns_read"),)
