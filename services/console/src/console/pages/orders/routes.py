"""The list of orders, the latest first; one that is named by its id is shown itself."""

from typing import Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.orders.view import NAMES, asked, view
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    if (named := asks.one("q")) and (found := await _named(visit, named)):
        return visit.redirect(visit.path("orders", found))
    answer = await visit.api.get("/v1/orders", asked(asks)) if not named else None
    shown = view(asks, answer, visit.zone, visit.project.currency)
    page = asks.one("page")
    title = say("orders.title") if page == "1" else say("orders.title_page", page=page)
    return visit.page("pages/orders/page.html", shown, title=title)


async def _named(visit: Visit, named: str) -> str | None:
    """Find the order that somebody names by its id, the shop's or ours."""
    found = await visit.api.find(f"/v1/orders/{segment(named)}")
    return None if found is None else str(found["id"])


PAGES: Final = (Page("/p/{project}/orders", show, section="orders", scope="redemptions_read"),)
