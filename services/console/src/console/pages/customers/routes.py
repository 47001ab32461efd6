"""The list of customers, the latest first; one who is named by an id is shown."""

from typing import Final

from starlette.responses import Response

from console.api.client import segment
from console.design.words import say
from console.pages.customers.view import NAMES, asked, view
from console.web.pages import Page
from console.web.visit import Visit


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    if (named := asks.one("q")) and (found := await _named(visit, named)):
        return visit.redirect(visit.path("customers", found))
    answer = await visit.api.get("/v1/customers", asked(asks))
    shown = view(asks, answer, visit.zone)
    page = asks.one("page")
    title = say("customers.title") if page == "1" else say("customers.title_page", page=page)
    return visit.page("pages/customers/page.html", shown, title=title)


async def _named(visit: Visit, named: str) -> str | None:
    """Find the customer whom somebody names by an id, the shop's or ours, or by the e-mail."""
    found = await visit.api.find(f"/v1/customers/{segment(named)}")
    return None if found is None else str(found["id"])


PAGES: Final = (
    Page("/p/{project}/customers", show, section="customers", scope="redemptions_read"),
)
