"""The list of products; one is found by its id, as orders name it."""

from typing import Final

from starlette.responses import Response

from console.design.words import say
from console.pages.products.view import NAMES, view
from console.web import defined
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    if (sought := asks.one("id")) and (found := await _found(visit, sought)):
        return visit.redirect(found)
    place = {"limit": asks.one("limit"), "page": asks.one("page")}
    answer = await visit.api.get("/v1/products", place)
    shown = view(asks, answer, visit.path(), visit.project.currency)
    return visit.page("pages/products/page.html", shown, title=say("goods.products"))


async def _found(visit: Visit, sought: str) -> str | None:
    """Return the page of the product that has this id, or that a SKU of this id is of."""
    for kind, of in (("products", "id"), ("skus", "product_id")):
        if (found := await defined.found(visit, kind, sought)) is not None:
            return visit.path("products", found[of])
    return None


PAGES: Final = (Page("/p/{project}/products", show, section="products", scope="campaigns_read"),)
