"""The partner's first page."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from console import periods
from console.api.refusals import OutageError
from console.design.words import say
from console.pages.portal.overview import view as shown
from console.pages.portal.overview.view import View
from console.web.frame import Notice
from console.web.pages import Page
from console.web.visit import Visit

PLACE: Final = "/portal/{project}/"
SCOPE: Final = "portal"
DEALS: Final = 10


async def show(visit: Visit) -> Response:
    visit.query(())
    now = datetime.now(UTC)
    portal, deals, totals = await asyncio.gather(
        visit.api.get("/v1/portal"),
        visit.api.get("/v1/portal/deals", {"status": "live", "limit": DEALS}),
        _totals(visit, now),
    )
    codes = await asyncio.gather(*(_only_code(visit, each) for each in deals["deals"]))
    currency = visit.project.currency
    theirs = shown.deals(deals["deals"], codes, currency, now, visit.zone)
    view = View(
        portal=portal,
        deals=theirs,
        columns=shown.columns(theirs),
        total=deals["total"],
        figures=None if totals is None else shown.earned(totals["data"], currency, "previous"),
        changes=shown.changes(portal["changes"]),
        plans=shown.plans(portal["commission_plans"], currency),
    )
    return visit.page("pages/portal/overview/page.html", view, title=say("portal.overview"))


async def note_seen(visit: Visit) -> Response:
    """Say that this person knows what is new."""
    await visit.api.post("/v1/portal/seen")
    return visit.redirect(visit.home, Notice("ok", say("portal.seen")))


async def _totals(visit: Visit, now: datetime) -> Mapping[str, Any] | None:
    """Ask what this month came to; codes are there while reports are out of reach."""
    month = shown.days(periods.period("this_month", now, visit.zone))
    try:
        found: Mapping[str, Any] = await visit.api.get("/v1/reports/portal/totals", month)
    except OutageError:
        return None
    return found


async def _only_code(visit: Visit, deal: Mapping[str, Any]) -> str:
    """Return the code of a deal that has one: it is what everybody is given."""
    if deal["codes_count"] != 1:
        return ""
    asked = {"campaign_id": deal["id"], "limit": 1}
    found = (await visit.api.get("/v1/portal/codes", asked))["codes"]
    return str(found[0]["code"]) if found else ""


PAGES: Final = (
    Page(PLACE, show, section="overview", scope=SCOPE),
    Page(f"{PLACE}seen", save=note_seen, section="overview", scope=SCOPE),
)
