"""The partner's links."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console.api.refusals import OutageError
from console.design.words import say
from console.pages.portal.links.view import NAMES, view
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/portal/{project}/links"
LINKS: Final = 10  # and as many series as one report can have


async def show(visit: Visit) -> Response:
    asks = visit.query(NAMES)
    answer = await visit.api.get("/v1/portal/links", {"limit": LINKS, "page": asks.one("page")})
    visits = await _visits(visit, [each["deal_id"] for each in answer["links"]])
    shown = view(asks, answer, visits, visit.deps.public, now=datetime.now(UTC), zone=visit.zone)
    return visit.page("pages/portal/links/page.html", shown, title=say("portal.links"))


async def _visits(visit: Visit, deals: Sequence[str]) -> Mapping[str, int] | None:
    """Ask how often each was followed; links are there while reports are out of reach."""
    asked: dict[str, Any] = {
        "campaign_id": list(deals),
        "split_by": "campaign",
        "top": LINKS,
        "measure": "visits",
        "order": "-visits",
    }
    if not deals:
        return {}
    try:
        answer = await visit.api.get("/v1/reports/portal/timeseries", asked)
    except OutageError:
        return None
    found = dict.fromkeys(deals, 0)
    for series in answer["series"]:
        if series["id"] in found:
            found[series["id"]] += sum(point["visits"] for point in series["points"])
    return found


PAGES: Final = (Page(PLACE, show, section="links", scope="portal"),)
