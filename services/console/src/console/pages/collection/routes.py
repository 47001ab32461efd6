"""One collection of products, and its end."""

import asyncio
from typing import Final

from starlette.responses import Response

from console.api.client import Query, segment
from console.design.words import say
from console.pages.collection.view import NAMES, SHOWN, view
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/p/{project}/collections/{collection}"


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    place: Query = {"limit": SHOWN, "page": asks.one("page")}
    collection, holds = await asyncio.gather(
        visit.api.get(_of_api(visit)), visit.api.get(f"{_of_api(visit)}/products", place)
    )
    shown = view(asks, collection, holds, visit.zone)
    return visit.page("pages/collection/page.html", shown, title=shown.name)


async def delete(visit: Visit) -> Response:
    collection = await visit.api.get(_of_api(visit))
    await visit.api.delete(_of_api(visit))
    notice = Notice("ok", say("goods.deleted", name=collection["name"]))
    return visit.redirect(visit.path("collections"), notice)


def _of_api(visit: Visit) -> str:
    return f"/v1/product-collections/{segment(visit.named('collection'))}"


PAGES: Final = (
    Page(PLACE, show, section="products", scope="campaigns_read"),
    Page(f"{PLACE}/delete", save=delete, section="products", scope="campaigns"),
)
