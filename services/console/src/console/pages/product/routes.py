"""One product with its SKUs, and its end."""

import asyncio
from typing import Final

from starlette.responses import Response

from console.api.client import Query, segment
from console.design.words import say
from console.pages.product.view import NAMES, SHOWN, view
from console.web.frame import Notice
from console.web.goods import called
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/products/{product}"


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    place: Query = {"limit": SHOWN, "page": asks.one("page")}
    product, skus = await asyncio.gather(
        visit.api.get(_of_api(visit)), visit.api.get(f"{_of_api(visit)}/skus", place)
    )
    shown = view(asks, product, skus, visit.project.currency, visit.zone)
    return visit.page("pages/product/page.html", shown, title=shown.name)


async def delete(visit: Visit) -> Response:
    product = await visit.api.get(_of_api(visit))
    await visit.api.delete(_of_api(visit))
    notice = Notice("ok", say("goods.deleted", name=called(product)))
    return visit.redirect(visit.path("products"), notice)


def _of_api(visit: Visit) -> str:
    return f"/v1/products/{segment(visit.named('product'))}"


PAGES: Final = (
    Page(PLACE, show, section="products", scope="campaigns_read"),
    Page(f"{PLACE}/delete", save=delete, section="products", scope="campaigns"),
)
