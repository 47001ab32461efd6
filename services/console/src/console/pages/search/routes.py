"""Leads to what was searched: a code, campaigns, an order, a customer, else codes with it in it."""

from typing import Final

from starlette.responses import Response

from console import query
from console.api.client import segment
from console.web.frame import may
from console.web.pages import Page
from console.web.visit import Visit, address

NAMES: Final = (query.text("q"),)
# Of what redemptions tell: our filter, and the API's.
TRACES: Final = {"order": "order_id", "customer": "customer"}


async def search(visit: Visit) -> Response:
    wanted = visit.query(NAMES).one("q")
    if not wanted:
        return visit.redirect(visit.path("codes"))
    code = await visit.api.find(f"/v1/vouchers/{segment(wanted)}")
    if code is not None:
        return visit.redirect(visit.path("codes", code["code"]))
    found = await visit.api.get("/v1/campaigns", {"search": wanted, "limit": 1})
    if found["campaigns"]:
        return visit.redirect(address(visit.path("campaigns"), {"q": wanted, "status": "all"}))
    if may(visit.project.scopes, "redemptions_read"):
        for name, asked in TRACES.items():
            found = await visit.api.get("/v1/redemptions", {asked: wanted, "limit": 1})
            if found["redemptions"]:
                place = address(visit.path("redemptions"), {name: wanted, "period": "all"})
                return visit.redirect(place)
    return visit.redirect(address(visit.path("codes"), {"q": wanted, "status": "all"}))


PAGES: Final = (Page("/p/{project}/search", search, section="codes", scope="campaigns_read"),)
