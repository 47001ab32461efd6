"""One segment, and its end."""

from typing import Any, Final

from starlette.responses import Response

from console.api.client import Query, segment
from console.design.words import say
from console.pages.segment.view import NAMES, SHOWN, Beside, view
from console.web import segments
from console.web.conditions import Reader
from console.web.frame import Notice, may
from console.web.pages import Page
from console.web.visit import Visit

CUSTOMERS: Final = "redemptions_read"
PLACE: Final = "/p/{project}/segments/{segment}"


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    found: dict[str, Any] = await visit.api.get(_of_api(visit))
    members = None
    if found["type"] == segments.STATIC:
        place: Query = {"limit": SHOWN, "page": asks.one("page")}
        members = await visit.api.get(f"{_of_api(visit)}/customers", place)
    counted = None
    if members is None and may(visit.project.scopes, CUSTOMERS):
        of: Query = {"segment_id": found["id"], "limit": 1}
        counted = await visit.api.get("/v1/customers", of)
    earned = None
    if found["in_reports"] and may(visit.project.scopes, "reports"):
        earned = await visit.api.get("/v1/reports/totals", {"segment_id": found["id"]})
    reader = Reader(visit.project.currency, visit.zone)
    shown = view(asks, found, Beside(members, counted, earned), reader)
    return visit.page("pages/segment/page.html", shown, title=found["name"])


async def delete(visit: Visit) -> Response:
    found = await visit.api.get(_of_api(visit))
    await visit.api.delete(_of_api(visit))
    notice = Notice("ok", say("segments.deleted", name=found["name"]))
    return visit.redirect(visit.path("segments"), notice)


def _of_api(visit: Visit) -> str:
    return f"/v1/segments/{segment(visit.named('segment'))}"


PAGES: Final = (
    Page(PLACE, show, section="segments", scope="campaigns_read"),
    Page(f"{PLACE}/delete", save=delete, section="segments", scope="campaigns"),
)
