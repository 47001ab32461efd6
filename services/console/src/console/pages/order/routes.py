"""One order, looked up with what was redeemed on it."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import Query, segment
from console.design.words import say
from console.pages.order.view import view
from console.web.pages import Page
from console.web.visit import Visit

SHOWN: Final = 100


async def show(visit: Visit) -> Response:
    visit.query(())
    order = await visit.api.get(f"/v1/orders/{segment(visit.named('order'))}")
    attempts = await _attempts(visit, order["source_id"])
    shown = view(order, attempts, visit.zone, visit.project)
    title = say("order.title", name=shown.order.name)
    return visit.page("pages/order/page.html", shown, title=title)


async def _attempts(visit: Visit, order_id: str | None) -> list[Any]:
    """Return what was redeemed or refused on it: the ledger knows orders by the shop's ids."""
    if order_id is None:
        return []
    asked: Query = {"order_id": order_id, "limit": SHOWN}
    answer = await visit.api.get("/v1/redemptions", asked)
    found: list[Any] = answer["redemptions"]
    return found


PAGES: Final = (
    Page("/p/{project}/orders/{order}", show, section="orders", scope="redemptions_read"),
)
